/* The dashboard: who is signed in, which page is shown, and whether it is live. */

import { html, render, useEffect, useErrorBoundary, useRef, useState } from './vendor/htm-preact.js';
import { forgetKey, get, storedKey, whenSignedOut } from './api.js';
import { Agent } from './agent.js';
import { Changes } from './changes.js';
import { Connection, Database, Detached, Live } from './connection.js';
import { Events } from './events.js';
import { Fleet } from './fleet.js';
import { FleetStore } from './fleet-store.js';
import { useGates } from './gates.js';
import { hearKeys, Help } from './help.js';
import { Budgets } from './budgets.js';
import { Incident, Incidents } from './incidents.js';
import { Keys } from './keys.js';
import { Empty, Failed, Loading, PageTitle } from './parts.js';
import { Policies } from './policies.js';
import { findSession, hearTabs, renew, shareKey, signOut, stopRenewing } from './session.js';
import { SignIn } from './sign-in.js';
import { keepSteady } from './steady.js';
import { Stopped } from './stopped.js';
import { titleWrong } from './title.js';
import { Toast } from './toast.js';
import { isAway, Unreachable, waitAfter } from './unreachable.js';
import { Webhooks } from './webhooks.js';
import { isolated, isUtc, shortActor, showUtc, zoneText } from './words.js';

/** `#/agents/planner?x=y` as `{ page: 'agents', name: 'planner', query }`. */
function route() {
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?', 2);
  const [page, name] = path.split('/', 2);
  let decoded = null;
  try {
    decoded = name === undefined ? null : decodeURIComponent(name);
  } catch {
    decoded = name;
  }
  return { page: page || 'fleet', name: decoded, query: new URLSearchParams(query ?? '') };
}

function useRoute() {
  const [present, setRoute] = useState(route);
  useEffect(() => {
    const changed = () => setRoute(route());
    window.addEventListener('hashchange', changed);
    return () => window.removeEventListener('hashchange', changed);
  }, []);
  return present;
}

function App() {
  const [me, setMe] = useState(null);
  const [store, setStore] = useState(null);
  const [notice, setNotice] = useState(null);
  const [failed, setFailed] = useState(null);
  const [found, setFound] = useState(null);
  const retry = useRef({ failures: 0 });

  const enter = caller => {
    shareKey();
    const fresh = new FleetStore();
    fresh.start();
    setStore(fresh);
    setMe(caller);
    setNotice(null);
  };
  const leave = why => {
    forgetKey();
    stopRenewing();
    setFound(before => before && { ...before, session: null });
    setStore(before => {
      before?.stop();
      return null;
    });
    setMe(null);
    setNotice(why);
  };
  /** Shows that it did not work, and tries again by itself if the server or the network was at fault. */
  const fail = (error, again) => {
    const { failures } = retry.current;
    const wait = waitAfter(failures + 1);
    clearTimeout(retry.current.timer);
    retry.current = { failures: failures + 1, timer: isAway(error) ? setTimeout(again, wait) : null };
    setFailed({ error, again, nextTry: Date.now() + wait });
  };
  const resume = () => {
    clearTimeout(retry.current.timer);
    get('/api/v1/me').then(caller => {
      retry.current = { failures: 0 };
      setFailed(null);
      enter(caller);
    }, error => {
      if (error.status === 401 || error.status === 403) {
        setFailed(null);
        leave(error.message);
      } else {
        fail(error, resume);
      }
    });
  };
  const find = () => {
    clearTimeout(retry.current.timer);
    findSession().then(answer => {
      if (answer.problem && isAway(answer.problem) && !storedKey()) {
        fail(answer.problem, find); // not knowing how people sign in does not mean that they cannot
        return;
      }
      setFailed(null);
      setFound(answer);
      if (answer.session && !storedKey()) {
        renew(answer.session);
        resume();
      }
    });
  };

  useEffect(() => {
    whenSignedOut(leave);
    hearTabs({ key: resume, out: () => leave(null) });
    if (storedKey()) {
      resume();
    }
    find();
  }, []);

  if (failed) {
    const { error, again, nextTry } = failed;
    return html`<main class="alone"><h1 class="hidden">Interlock</h1>${isAway(error) ? html`<${Unreachable} error=${error} nextTry=${nextTry} onRetry=${again} />`
      : html`<${Failed} error=${error} onRetry=${again} />`}</main>`;
  }
  if (!me && (storedKey() || !found || found.session)) {
    return html`<main class="alone"><h1 class="hidden">Interlock</h1><${Loading} what="Signing in" /></main>`;
  }
  return me
    ? html`<${Console} me=${me} store=${store} onLeave=${() => {
      signOut(found?.session);
      leave(null);
    }} />`
    : html`<${SignIn} notice=${notice} signIns=${found.signIns} onEnter=${enter} />`;
}

function Console({ me, store, onLeave }) {
  const present = useRoute();
  const [toast, setToast] = useState(null);
  const [stopped, lookAtGates] = useGates();
  const [help, setHelp] = useState(false);
  const [, setZone] = useState(null);
  useEffect(() => hearKeys(() => setHelp(true)), []);
  useEffect(() => {
    const count = () => titleWrong(store.incidents.wrong().length || (store.loaded && !store.knowsWrong() ? null : 0));
    const off = store.subscribe(count);
    count();
    return () => {
      off();
      titleWrong(0);
    };
  }, [store]);
  const link = (page, name) =>
    html`<a href=${page === 'fleet' ? '#/' : `#/${page}`}
      aria-current=${present.page === page || (page === 'fleet' && present.page === 'agents') ? 'page' : null}>${name}</a>`;
  return html`
    <a class="skip" href="#main" onClick=${event => {
      event.preventDefault();
      document.querySelector('main h1')?.focus();
    }}>Skip to the content</a>
    <header class="top">
      <a class="brand" href="#/" aria-label="Interlock, to the fleet"><img src="dashboard/icon.svg" alt="" width="22" height="22" />Interlock</a>
      <nav aria-label="Pages">
        ${link('fleet', 'Fleet')}
        ${link('incidents', 'Incidents')}
        ${link('events', 'Events')}
        ${link('policies', 'Policies')}
        ${link('budgets', 'Budgets')}
        ${me.role === 'admin' && link('keys', 'Keys')}
        ${me.role === 'admin' && link('webhooks', 'Webhooks')}
        ${me.role === 'admin' && link('changes', 'Changes')}
        <a href="docs/">Help</a>
      </nav>
      <${Live} store=${store} />
      <div class="who" title=${me.actor}>
        <span class="actor">${shortActor(me.actor)}</span>
        <span class="role">${me.role} · ${me.organization_id}</span>
      </div>
      <button type="button" class="plain" onClick=${onLeave}>Sign out</button>
    </header>
    <${Connection} store=${store} />
    <${Database} store=${store} />
    <${Detached} store=${store} />
    <${Stopped} stopped=${stopped} me=${me} say=${setToast} onChange=${lookAtGates} />
    <main id="main"><${Page} present=${present} me=${me} store=${store} stopped=${stopped} say=${setToast} onGates=${lookAtGates} /></main>
    <footer class="bottom">
      <span>Times are in ${zoneText()}.</span>
      ${(isUtc() || zoneText() !== 'UTC') && html`<button type="button" class="plain" onClick=${() => {
        showUtc(!isUtc());
        setZone(zoneText());
      }}>${isUtc() ? 'Show the time of this browser' : 'Show UTC'}</button>`}
      <button type="button" class="plain" onClick=${() => setHelp(true)}>Keys and words <kbd>?</kbd></button>
    </footer>
    ${help && html`<${Help} onClose=${() => setHelp(false)} />`}
    <${Toast} toast=${toast} onEnd=${() => setToast(null)} />`;
}

function Page({ present, me, store, stopped, say, onGates }) {
  const [error, reset] = useErrorBoundary();
  useEffect(reset, [present.page, present.name]);
  if (error) {
    return html`<h1 tabindex="-1">This page broke</h1><${Failed} error=${error} onRetry=${reset} />`;
  }
  if (present.page === 'agents' && present.name) {
    return html`<${Agent} key=${present.name} agent=${present.name} me=${me} store=${store} stopped=${stopped} query=${present.query} say=${say} />`;
  }
  if (present.page === 'incidents') {
    return present.name ? html`<${Incident} key=${present.name} id=${present.name} store=${store} />` : html`<${Incidents} />`;
  }
  if (present.page === 'events') {
    return html`<${Events} store=${store} query=${present.query} />`;
  }
  if (ADMINS[present.page] && me.role !== 'admin') {
    return html`<${Absent} title="For admins">
      <p>${ADMINS[present.page]} are for admins; you are ${me.role}. Ask an admin of ${isolated(me.organization_id)}.</p>
    <//>`;
  }
  if (present.page === 'policies') {
    return html`<${Policies} me=${me} store=${store} say=${say} wanted=${present.query.get('pattern')} />`;
  }
  if (present.page === 'budgets') {
    return html`<${Budgets} me=${me} store=${store} query=${present.query} say=${say} />`;
  }
  if (present.page === 'keys') {
    return html`<${Keys} me=${me} say=${say} />`;
  }
  if (present.page === 'webhooks') {
    return html`<${Webhooks} me=${me} store=${store} say=${say} />`;
  }
  if (present.page === 'changes') {
    return html`<${Changes} query=${present.query} />`;
  }
  return present.page === 'fleet'
    ? html`<${Fleet} me=${me} store=${store} stopped=${stopped} query=${present.query} say=${say} onGates=${onGates} />`
    : html`<${Absent} title="No such page"><p>The address may be mistyped, or of another version.</p><//>`;
}

/** Pages that only admins see, and what is on them. */
const ADMINS = { keys: 'Keys', webhooks: 'Webhooks', changes: 'Changes of keys, policies and webhooks' };

/** A page that this person cannot see, or that nobody can. */
const Absent = ({ title, children }) => html`
  <${PageTitle} title=${title} />
  <${Empty} title=${title}>${children}<p><a href="#/">To the fleet</a></p><//>`;

const root = document.getElementById('app');
keepSteady(root);
render(html`<${App} />`, root);
