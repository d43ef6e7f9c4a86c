/* One agent: the state of its circuit and why, actions on it, and what happened before. */

import { html, useEffect, useState } from './vendor/htm-preact.js';
import { Actions, ActionDialog } from './actions.js';
import { AgentBudgets } from './agent-budget.js';
import { agentPath, useIsKnown, usePolled } from './agent-data.js';
import { Health } from './agent-health.js';
import { LastFailures } from './agent-log.js';
import { Neighbours } from './agent-neighbours.js';
import { get } from './api.js';
import { Charts } from './charts.js';
import { waitLeft } from './fleet-store.js';
import { gateOver, gateText } from './gates.js';
import { About, Failed, Loading, PageTitle, Quote, State, Titled, useLoaded, useStore, useTick, When } from './parts.js';
import { SettingList } from './policy-form.js';
import { Probe } from './probe.js';
import { Timeline } from './timeline.js';
import { carriedOver, IDLE, number, outlook, percent, plural, shortActor, since, span, why } from './words.js';

/** The built-in policy. */
const DEFAULT = 'default';

const READ_EVERY = 2000;
const MINUTE = 60_000;
const MAY_ACT = ['operator', 'admin'];

export function Agent({ agent, me, store, stopped, query, say }) {
  useStore(store);
  const [read, setRead] = useState(null);
  const [error, setError] = useState(null);
  const [action, setAction] = useState(null);
  const [bump, setBump] = useState(0);

  // Figures of a closed circuit are in no message of the stream, so they are read while somebody looks.
  useEffect(() => {
    let timer;
    let gone = false;
    const look = async () => {
      if (!document.hidden) {
        await store.refresh(agent).then(
          circuit => {
            if (!gone) {
              setRead(circuit);
              setError(null);
            }
          },
          failure => gone || setError(failure),
        );
      }
      timer = gone ? null : setTimeout(look, READ_EVERY);
    };
    look();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [agent]);

  const known = useIsKnown(agent, store);
  const [about] = usePolled(known ? agentPath(agent) : null, agent, store);
  const [health, healthError] = usePolled(`${agentPath(agent)}/health`, agent, store);
  const circuit = store.circuits.get(agent) ?? read;
  const [policy, policyError] = useLoaded(() => policyOf(circuit?.policy), [circuit?.policy]);
  const refused = gateOver(stopped, agent, about?.depends_on.map(each => each.agent_id));
  const done = ({ durable }) => {
    setAction(null);
    setBump(bump + 1);
    say(durable === false ? 'Done. The database is away; the action will be stored when it is back.' : 'Done, and stored.');
    store.refresh(agent).catch(() => {});
  };

  return html`
    <nav class="crumbs" aria-label="Way back"><a href="#/">← Fleet</a></nav>
    <div class="agent-head">
      <div>
        <${PageTitle} title=${about?.display_name ?? agent} />
        ${about?.display_name && html`<p class="agent-id">${agent}</p>`}
      </div>
      ${circuit && html`<div class=${`agent-state ${refused && !refused.uses ? 'gated' : ''}`}><${State} circuit=${circuit} large=${true} />${refused && !refused.uses && html`<span class="tag gated">Refused by a gate</span>`}</div>`}
    </div>
    ${!circuit && !error && html`<${Loading} what="Loading the circuit" />`}
    ${!circuit && error && html`<${Failed} error=${error} />`}
    ${store.loaded && circuit && !store.circuits.has(agent) && html`<p class="note unheard">This name is not known yet: it has not called, and no action was taken on it. Is it spelt correctly?</p>`}
    ${circuit && html`
      ${error && error.status !== 0 && html`<${Failed} error=${error} />`}
      <div class="agent">
        <div class="column">
          <${Present} circuit=${circuit} refused=${refused} may=${MAY_ACT.includes(me.role)} store=${store} onAction=${setAction} />
          <${Charts} key=${`charts of ${agent}`} agent=${agent} query=${query} store=${store} />
          <${Timeline} key=${`timeline of ${agent}`} agent=${agent} store=${store} bump=${bump} />
        </div>
        <div class="column">
          <${Health} agent=${agent} circuit=${circuit} store=${store} health=${health} error=${healthError} />
          <${Figures} circuit=${circuit} settings=${policy?.settings} />
          <${Probe} circuit=${read?.agent_id === agent ? read : circuit} />
          <${Neighbours} key=${agent} about=${about} circuit=${circuit} store=${store} />
          <${AgentBudgets} agent=${agent} store=${store} />
          <${Policy} name=${circuit.policy} policy=${policy} error=${policyError} admin=${me.role === 'admin'} />
        </div>
      </div>`}
    ${action && circuit && html`<${ActionDialog} action=${action} circuit=${circuit} needsReason=${me.reason_required} onClose=${() => setAction(null)} onDone=${done} />`}`;
}

function Present({ circuit, refused, may, store, onAction }) {
  useTick(500);
  const wait = waitLeft(circuit);
  const age = since(circuit.since);
  const reason = why(circuit);
  const isGated = refused !== null && !refused.uses;
  return html`<section class=${`card state-card ${circuit.state} ${isGated ? 'gated' : ''}`} aria-label="State">
    <p class="outlook" aria-live="off">${isGated && circuit.state === 'closed' ? 'The circuit is closed, but calls are refused by a gate.' : outlook(circuit, wait)}</p>
    ${refused && html`<${Refusal} refused=${refused} state=${circuit.state} />`}
    ${circuit.state === 'open' && !circuit.hold && html`<${Cooldown} circuit=${circuit} wait=${wait} />`}
    <dl class="facts">
      ${age && html`<div><dt>${circuit.hold ? 'Held since' : 'Since'}</dt><dd><${When} at=${circuit.since} /> <span class="quiet">for ${age}</span></dd></div>`}
      ${!circuit.since && html`<div><dt>Since</dt><dd>It has never changed.</dd></div>`}
      ${reason && !(circuit.hold && circuit.cause === 'override') && html`<div><dt>Why <${About} page="circuit-breaker.html#the-rules-in-plain-words" of="why circuits open and close" /></dt><dd>${circuit.cause === 'override'
        ? html`Ordered by <b title=${circuit.actor}>${shortActor(circuit.actor)}</b>${circuit.reason ? html`: <${Quote} text=${circuit.reason} />` : ', who gave no reason.'}`
        : html`${reason}${circuit.reason ? html` <${Quote} text=${circuit.reason} />` : ''}`}<span class="quiet">${carriedOver(circuit)}</span></dd></div>`}
      ${circuit.hold && html`<div><dt>Held by</dt><dd><b title=${circuit.hold.actor}>${shortActor(circuit.hold.actor)}</b>${circuit.hold.reason
        ? html`: <${Quote} text=${circuit.hold.reason} />` : ', who gave no reason.'}<span class="quiet">${carriedOver(circuit)}</span></dd></div>`}
      ${circuit.idle && html`<div><dt>Calls</dt><dd>${IDLE} of this server. It is known from before.</dd></div>`}
      ${circuit.state !== 'closed' && circuit.opened_at && html`<${LastFailures} agent=${circuit.agent_id} store=${store} before=${circuit.opened_at} />`}
      ${circuit.mode === 'observe' && html`<div class="observes"><dt><span class="observe-word">Observe</span></dt><dd>Its own trips refuse no call: what is shown here is what enforcing would do. If a person opens it or holds it open, it does refuse calls.</dd></div>`}
      ${circuit.detached && html`<div class="detached"><dt><span class="detached-word">Detached</span></dt><dd>Redis is away or slow. This server alone counts its calls and lets trials through; it takes over what the other servers decided when Redis answers again.</dd></div>`}
      ${circuit.last_failure_at && html`<div><dt>Last failure</dt><dd><${When} at=${circuit.last_failure_at} /> <span class="quiet">${since(circuit.last_failure_at)} ago</span></dd></div>`}
    </dl>
    ${may && html`<${Actions} circuit=${circuit} onAction=${onAction} />`}
  </section>`;
}

/** The gate that refuses its calls, whatever its circuit says. */
function Refusal({ refused: { gate, uses }, state }) {
  return html`<p class="refusal">${uses
    ? html`Calls that use <a class="agent-name" href=${`#/agents/${encodeURIComponent(uses)}`}>${uses}</a> are refused by a gate: `
    : state !== 'closed' && 'A gate refuses all its calls, too: '}${gateText(gate, !uses && state === 'closed')} <${About} page="gates.html" of="gates" /></p>`;
}

function Cooldown({ circuit, wait }) {
  const whole = Math.max(1, Date.parse(circuit.cooldown_until) - Date.parse(circuit.since));
  const share = Math.min(1, Math.max(0, wait / whole));
  return html`<div class="cooldown" role="img" aria-label=${`Cooldown: ${span(wait)} left of ${span(whole)}`}>
    <div class="cooldown-left" style=${{ width: `${share * 100}%` }}></div>
  </div>`;
}

function Figures({ circuit, settings }) {
  const calls = circuit.failure_count + circuit.success_count;
  const all = [
    ['Failure rate', calls > 0 ? percent(circuit.failure_rate) : '–', calls > 0 ? `of ${plural(calls, 'call')}` : noCallsIn(circuit, settings)],
    ['Failures in a row', number(circuit.consecutive_failures), ''],
    ['Failed', number(circuit.failure_count), `${number(circuit.success_count)} succeeded`],
    ['Openings', number(circuit.openings), ''],
    ['Trials', number(circuit.trials_out), circuit.state === 'half_open' ? `running, ${number(circuit.trials_succeeded)} succeeded` : 'running'],
    ['Late outcomes', number(circuit.late), 'from before it last opened'],
  ];
  if (circuit.slow_count > 0) {
    all.splice(3, 0, ['Slow', number(circuit.slow_count), 'calls']);
  }
  return html`<section class="card figures" aria-labelledby="figures-title">
    <h2 id="figures-title">${circuit.state === 'closed' ? 'In the window' : 'When it opened'}</h2>
    <dl>${all.map(([name, value, more]) => html`<div key=${name}><dt>${name}</dt><dd>${value}${more && html`<span class="quiet"> ${more}</span>`}</dd></div>`)}</dl>
  </section>`;
}

/** Calls are in the window for a time, or until others have come. */
function noCallsIn({ state }, settings) {
  const window = settings?.window_ms;
  return state === 'closed' && typeof window === 'number' ? `no calls in the last ${window === MINUTE ? 'minute' : span(window)}` : 'no calls';
}

/** The policy of this name; null as long as it is not known which one it is. */
const policyOf = async name => (name === undefined ? null
  : name === DEFAULT ? (await get('/api/v1/policies')).default : get(`/api/v1/policies/${encodeURIComponent(name)}`));

/** What the circuit follows, with every setting in effect. */
function Policy({ name, policy, error, admin }) {
  const own = name !== DEFAULT;
  return html`<section class="card policy" aria-labelledby="policy-title">
    <${Titled} id="policy-title" title="Policy in effect" page="circuit-breaker.html#settings" of="the settings of a policy" />
    <p><span class="agent-name">${name}</span>${own ? '' : html`<span class="quiet"> built in, since no pattern of the organization covers this name</span>`}${' '}
      <a href=${own ? `#/policies?pattern=${encodeURIComponent(name)}` : '#/policies'}>${own && admin ? 'Change' : 'Policies'}</a></p>
    ${error && error.status !== 404 && html`<${Failed} error=${error} />`}
    ${policy && html`<${SettingList} settings=${policy.settings} />`}
  </section>`;
}
