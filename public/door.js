// The pages on which one signs in are forms that the server makes and takes; they load no WASM. What is done there by
// script stands here, and what the next page needs is fetched meanwhile.

/** The files of the first page behind the door: the server names them. */
const next = document.currentScript.dataset.next.split(' ');

for (const eye of document.querySelectorAll('[data-eye]')) {
  const field = eye.parentElement.querySelector('input');
  eye.disabled = false;
  eye.addEventListener('click', () => {
    const shown = field.type === 'password';
    field.type = shown ? 'text' : 'password';
    eye.setAttribute('aria-pressed', String(shown));
  });
}

const busy = (form, is) => {
  const button = form.querySelector('button.primary');
  if (is) button?.setAttribute('aria-busy', 'true');
  else button?.removeAttribute('aria-busy');
};
for (const form of document.forms) form.addEventListener('submit', () => busy(form, true));
// Back from the next page, as it was left.
addEventListener('pageshow', () => [...document.forms].forEach((form) => busy(form, false)));

// What this browser's clocks show: the first page behind the door tells the right hour.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone) document.cookie = `evf_zone=${zone}; Path=/; SameSite=Lax; Max-Age=31536000${location.protocol === 'https:' ? '; Secure' : ''}`;

document.documentElement.setAttribute('data-alive', '');

const whenIdle = window.requestIdleCallback ?? ((then) => setTimeout(then, 500));
const prefetch = (href) => document.head.append(Object.assign(document.createElement('link'), { rel: 'prefetch', href }));
addEventListener('load', () => whenIdle(() => next.forEach(prefetch)));
