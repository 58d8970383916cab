// What the files of scenarios stand on: one server, one browser, an administrator, and a page for each scenario.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, newPage, open } from './browser.mjs';
import { ADMIN, Caller } from './people.mjs';
import { Server } from './server.mjs';

/** The server, the browser and the administrator's calls; they are there once the first test runs. */
export const harness = { server: null, browser: null, admin: null };

/** Starts them for this file's tests, and sees at the end that the server had nothing to complain of. */
export function useHarness(name, env) {
  before(async () => {
    harness.server = await Server.start(name, env);
    harness.browser = await launch();
    harness.admin = await Caller.signIn(harness.server.url, ADMIN);
  });
  after(async () => {
    await harness.browser?.close();
    const code = await harness.server?.stop();
    assert.equal(code, 0, 'SIGTERM ends the server calmly');
    assert.deepEqual(harness.server.faults(), [], 'the server logged no error');
  });
}

/** A scenario: a context and a page of its own, closed at its end. */
export function scenario(name, options, walk) {
  test(name, async () => {
    const who = typeof options === 'function' ? await options() : options;
    const context = await open(harness.browser, harness.server, who);
    try {
      await walk(await newPage(context), context, who);
    } finally {
      await context.close();
    }
  });
}

/** Types until the record is offered, and takes it. */
export async function find(scope, label, text, shown) {
  const field = scope.getByRole('combobox', { name: label });
  await field.pressSequentially(text);
  await scope.locator('.find-list:visible [role="option"]').filter({ hasText: shown }).first().click();
}

export const heading = (page, name) => page.getByRole('heading', { level: 1, name });
export const path = (page) => new URL(page.url()).pathname;
