// A phone whose browser runs no script: signing in by text message, and what each page of the public site must be.
import assert from 'node:assert/strict';
import { assertCalm, layoutShift, newPage, open, overflow, repeatedIds, screenshot, violations } from './browser.mjs';
import { harness } from './harness.mjs';
import { until, withoutHash } from './server.mjs';

export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

/** A phone of its own for one person. */
export const phone = () => open(harness.browser, harness.server, { ...PHONE, javaScriptEnabled: false });

/** A number that nobody else has in this run. */
export const newNumber = (prefix) => `+91${prefix}${String(Date.now()).slice(-8)}`;

/** The code in the newest text message to `number`, from the developers' mailbox. */
export function textedCode(url, number) {
  return until(`a text message to ${number}`, async () => {
    const list = await fetch(`${url}/dev/mail`).then((answer) => answer.text());
    const item = (list.match(/<li>.*?<\/li>/gs) ?? []).find((li) => li.includes(`to ${number}`));
    if (!item) return null;
    const message = await fetch(url + item.match(/href="([^"]+)"/)[1]).then((answer) => answer.text());
    return message.match(/<pre[^]*?\b(\d{6})\b/)?.[1];
  });
}

/** Signs in where the page asks for it, for the first time: number, code, name. */
export async function signIn(page, number, name) {
  await page.getByLabel('Your phone number').fill(number);
  await page.getByRole('button', { name: 'Send me a code' }).click();
  await page.getByLabel('Code from the text message').fill(await textedCode(harness.server.url, number));
  await page.getByRole('button', { name: /^(Sign in|Continue)$/ }).click();
  await page.getByRole('textbox', { name: 'Your name' }).fill(name);
  await page.getByRole('button', { name: /^(Save|Continue)$/ }).click();
}

/** The scripts of the pages that have some. */
const SCRIPTS = { 'notification-settings': ['/push.js'], buy: ['/total.js'] };

/** Whatever a page must be, light and dark, looked at with a browser that lets axe run. */
export async function mustBeGood(context, address, name) {
  const storageState = await context.storageState();
  for (const colorScheme of ['light', 'dark']) {
    const looking = await open(harness.browser, harness.server, { ...PHONE, storageState, colorScheme });
    try {
      const page = await newPage(looking);
      const answer = await page.goto(address);
      assert.ok(answer.status() < 400, `${address} answers ${answer.status()}`);
      // Only a browser itself can turn its push messages on; where there is script a total follows its number.
      const scripts = await page.locator('script:not([type="application/ld+json"])').evaluateAll((all) => all.map((one) => one.src));
      assert.deepEqual(scripts.map(withoutHash), SCRIPTS[name] ?? [], `the scripts of ${address}`);
      assert.deepEqual(await violations(page), [], `axe on ${address}, ${colorScheme}`);
      assert.deepEqual(await repeatedIds(page), [], `ids on ${address}`);
      assert.equal((await layoutShift(page)).sum, 0, `nothing moves on ${address}`);
      await screenshot(page, `public-${name}-${colorScheme}`);
      for (const width of [320, 390, 1280]) assert.deepEqual(await overflow(page, width), [], `${address} at ${width} px`);
      assertCalm(page);
    } finally {
      await looking.close();
    }
  }
}
