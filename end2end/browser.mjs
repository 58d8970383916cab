// The browser: the system's Chromium, pages that keep note of whatever goes wrong, and the checks every page must pass.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { PASSWORD } from './people.mjs';
import { ARTIFACTS } from './server.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** How long a page may take to show what is expected of it. */
const PATIENCE = 20_000;

/** Chromium of the system, or at CHROMIUM. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--headless', '--disable-gpu', '--disable-background-networking', '--disable-extensions',
      '--disable-component-update', '--no-first-run', '--disable-dev-shm-usage', '--force-color-profile=srgb'],
  });
}

/** A browser of its own for one person: `as` (an e-mail) is signed in, unless it is missing. */
export async function open(browser, server, { as, password = PASSWORD, ...options } = {}) {
  const context = await browser.newContext({
    baseURL: server.url, viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce', ...options,
  });
  context.setDefaultTimeout(PATIENCE);
  context.withoutScript = options.javaScriptEnabled === false;
  if (as) {
    const data = { email: as, password, session: 'cookie' };
    const answer = await context.request.post('/api/v1/auth/login', { data });
    assert.equal(answer.status(), 200, `${as} signs in: ${await answer.text()}`);
    // As the page to sign in says by which clocks the browser goes (`public/door.js`).
    const value = options.timezoneId ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
    await context.addCookies([{ name: 'evf_zone', value, url: server.url }]);
  }
  // Keeps note of what moves by itself after the first paint.
  await context.addInitScript(() => {
    window.layoutShift = 0;
    window.layoutShifts = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        if (entry.hadRecentInput) continue;
        window.layoutShift += entry.value;
        for (const source of entry.sources) window.layoutShifts.push(source.node?.outerHTML?.slice(0, 120) ?? '?');
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  return context;
}

/** A new page that keeps everything it complains of in `page.faults`. */
export async function newPage(context) {
  const page = await context.newPage();
  page.faults = [];
  page.on('console', (message) => {
    if (context.withoutScript && message.text().includes('was preloaded using link preload but not used')) return;
    if (['error', 'warning', 'assert'].includes(message.type())) {
      page.faults.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
    }
  });
  page.on('pageerror', (error) => page.faults.push(`uncaught: ${error.message}`));
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText;
    // Scripts that the browser is told not to run count as blocked by policy.
    const switchedOff = why === 'csp' && context.withoutScript;
    if (why !== 'net::ERR_ABORTED' && !switchedOff) page.faults.push(`${request.method()} ${request.url()}: ${why}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 500) page.faults.push(`${response.status()} ${response.url()}`);
  });
  return page;
}

/** Nothing was complained of, but for what the test brought about itself. */
export function assertCalm(page, ...expected) {
  const faults = page.faults.filter((fault) => !expected.some((pattern) => pattern.test(fault)));
  assert.deepEqual(faults, [], `on ${page.url()}`);
}
/** What the browser says of any answer of 4xx: tests that are refused on purpose expect it. */
export const REFUSED = /Failed to load resource: the server responded with a status of 4\d\d/;

/** Goes there and waits until the page is alive; answers the status. */
export async function visit(page, address) {
  const response = await page.goto(address);
  await hydrated(page);
  return response.status();
}

/** The page answers to clicks: the frontend has taken over. */
export async function hydrated(page) {
  await page.waitForFunction(() => document.documentElement.hasAttribute('data-alive'), null, { timeout: PATIENCE })
    .catch(() => {
      throw new Error(`${page.url()} never came alive: ${page.faults.join(' · ') || 'and nothing was said'}`);
    });
}

/** How much has moved by itself since the page was opened, and what. */
export function layoutShift(page) {
  return page.evaluate(async () => {
    await new Promise((done) => requestIdleCallback(done));
    return { sum: window.layoutShift, what: window.layoutShifts.slice(0, 3).join(' · ') };
  });
}

/** Nothing moves, and colours that change have changed. */
function settled(page) {
  // Not Playwright's `animations: 'disabled'`: it ends them one by one, which takes minutes on a page of 1,000 boxes.
  // What follows the scrolling runs as long as the page does.
  return page.waitForFunction(() => {
    const moves = (animation) => animation.timeline === document.timeline && animation.playState === 'running';
    return !document.getAnimations().some(moves);
    // The documentation of all operations takes its time where the machine has other work too.
  }, undefined, { timeout: 60_000 });
}

/** What axe finds, one line each. `rules` narrows it to some. */
export async function violations(page, rules) {
  await settled(page);
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AXE);
  const found = await page.evaluate(async (rules) => {
    const only = rules ? { runOnly: { type: 'rule', values: rules } } : { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] };
    const result = await window.axe.run(document, { ...only, resultTypes: ['violations'], preload: false });
    return result.violations.map(({ id, help, nodes }) => ({
      id, help, count: nodes.length,
      first: nodes[0].target.join(' '), why: nodes[0].failureSummary, html: nodes[0].html.slice(0, 200),
    }));
  }, rules);
  return found.map((v) => `${v.id} (${v.count}×): ${v.help}; ${v.first}: ${v.html}; ${v.why.replace(/\s+/g, ' ')}`);
}

/** Ids that stand on the page more than once: labels and descriptions would point at the wrong thing. */
export function repeatedIds(page) {
  return page.evaluate(() => {
    const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
    return [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))];
  });
}

/** What sticks out to the right at this width; nothing on a good page. */
export async function overflow(page, width) {
  await page.setViewportSize({ width, height: 900 });
  return page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    if (document.scrollingElement.scrollWidth <= room) return [];
    const scrolls = (element) => element && (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
    const beyond = [...document.body.querySelectorAll('*')].filter((element) => {
      const box = element.getBoundingClientRect();
      return box.width > 0 && box.right > room + 1;
    });
    // Within a box that scrolls it is that box's affair, unless nothing else explains it.
    const outside = beyond.filter((element) => !scrolls(element.parentElement));
    const wide = outside.length ? outside : beyond;
    const innermost = wide.filter((element) => !wide.some((other) => other !== element && element.contains(other)));
    return [`${document.scrollingElement.scrollWidth} > ${room}`, ...innermost.slice(0, 3).map((e) => e.outerHTML.slice(0, 160))];
  });
}

/** The next Tab starts at the top of the page, as if it had just been opened. */
export function startOver(page) {
  return page.evaluate(() => {
    document.activeElement?.blur();
    window.scrollTo(0, 0);
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute('tabindex');
  });
}

/** What has the focus now: a name for it, and whether a person can see that it has. */
export function focus(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    const marks = (style) => (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
    // Within a date or a time the browser itself marks the part that has the focus.
    const parts = element.matches('input:is([type=date], [type=datetime-local], [type=time])');
    const around = [element, element.parentElement, element.closest('label, .affix, tr')].filter(Boolean);
    const marked = parts || around.some((e) => marks(getComputedStyle(e))) || ['::before', '::after'].some((p) => marks(getComputedStyle(element, p)));
    const box = (element.closest('label') ?? element).getBoundingClientRect();
    return {
      name: `${element.localName} “${(element.getAttribute('aria-label') ?? element.labels?.[0]?.innerText ?? element.innerText ?? '').trim().slice(0, 40)}”`,
      skip: element.matches('a.skip'),
      inMain: element.closest('main') !== null,
      visible: box.width > 0 && box.height > 0,
      marked,
      html: element.outerHTML.slice(0, 160),
    };
  });
}

/** Presses Tab until `locator` has the focus; fails after `most` presses. */
export async function tabTo(page, locator, most = 60) {
  for (let pressed = 0; pressed < most; pressed++) {
    await page.keyboard.press('Tab');
    if (await locator.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`${locator} is not reached by ${most} presses of Tab; the focus is on ${(await focus(page))?.html}`);
}

/** Saves what the page looks like, if SCREENSHOTS is set: most runs need none, and they take their time. */
export async function screenshot(page, name) {
  if (!process.env.SCREENSHOTS) return;
  mkdirSync(ARTIFACTS, { recursive: true });
  await settled(page);
  await page.screenshot({ path: path.join(ARTIFACTS, `${name}.png`) });
}
