/* The title of the tab and its picture: which page, and how much is wrong now. */

const ICONS = ['dashboard/icon.svg', 'dashboard/icon-wrong.svg'];

let page = null;
let wrong = 0;
let arriving = true;

window.addEventListener('hashchange', () => {
  arriving = true;
});

/** Whether somebody has just come to a page; says so once. */
export function arrives() {
  const comes = arriving;
  arriving = false;
  return comes;
}

export function titlePage(name) {
  page = name;
  show();
}

/** @param count how many incidents go on with an open circuit; null if that is not known */
export function titleWrong(count) {
  wrong = count;
  show();
}

function show() {
  document.title = `${wrong === null ? '(?) ' : wrong ? `(${wrong}) ` : ''}${page ? `${page} · ` : ''}Interlock`;
  const icon = document.querySelector('link[rel=icon]');
  const wanted = ICONS[wrong ? 1 : 0];
  if (icon.getAttribute('href') !== wanted) {
    icon.setAttribute('href', wanted);
  }
}
