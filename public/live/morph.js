// Makes what is on the screen like the page's new text, touching only what differs: focus, typing, running animations and
// the camera's picture stay as they are. An element with another `data-key` is another element.
const same = (from, to) => from.nodeName === to.nodeName && from.dataset?.key === to.dataset?.key;

function element(from, to) {
  for (const { name } of Array.from(from.attributes)) if (!to.hasAttribute(name)) from.removeAttribute(name);
  for (const { name, value } of to.attributes) {
    if (from.getAttribute(name) === value) continue;
    from.setAttribute(name, value);
    if (name === 'value' && from.value !== value) from.value = value;
  }
  if (from.nodeName === 'INPUT' && from.type !== 'text') from.checked = to.hasAttribute('checked');
  if (from.nodeName === 'TEXTAREA') {
    // Its text is what was typed; the page's says how it begins.
    if (from.defaultValue !== to.defaultValue) from.value = to.defaultValue;
    return;
  }
  if (!from.hasAttribute('data-keep')) children(from, to);
}

function children(from, to) {
  let old = from.firstChild;
  for (const next of Array.from(to.childNodes)) {
    if (!old) {
      from.append(next);
      continue;
    }
    const following = old.nextSibling;
    if (!same(old, next)) old.replaceWith(next);
    else if (old.nodeType !== Node.ELEMENT_NODE) old.data !== next.data && (old.data = next.data);
    else if (!old.isEqualNode(next) || old.querySelector('[data-keep]')) element(old, next);
    old = following;
  }
  while (old) {
    const following = old.nextSibling;
    old.remove();
    old = following;
  }
}

export function morph(root, html) {
  const template = document.createElement('template');
  template.innerHTML = html;
  children(root, template.content);
}
