// The reader that phones without one of their own get reads what a gate's camera sees: at least 95 of 100 pictures.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { before, test } from 'node:test';
import { prepare, read } from '../public/live/zxing.js';
import { conditions, frame, HEIGHT, KINDS, random, WIDTH } from './corpus.mjs';

/** Pictures of each kind; LIVE_CORPUS takes more. */
const EACH = Number(process.env.LIVE_CORPUS ?? 4);
const all = { read: 0, of: 0 };

before(async () => {
  const wasm = await readFile(new URL('../public/live/zxing_reader.wasm', import.meta.url));
  await prepare(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));
});

for (const [at, kind] of KINDS.entries()) {
  test(`a code that is ${kind}`, async () => {
    const dice = random(at + 1);
    let good = 0;
    for (let i = 0; i < EACH; i++) {
      const text = `EVF1.${randomBytes(165).toString('base64url')}`;
      const grey = frame(text, conditions(kind, dice));
      const pixels = new Uint8ClampedArray(WIDTH * HEIGHT * 4);
      for (let pixel = 0; pixel < grey.length; pixel++) pixels.fill(grey[pixel], pixel * 4, pixel * 4 + 3), (pixels[pixel * 4 + 3] = 255);
      const found = await read(pixels, WIDTH, HEIGHT);
      assert.ok(found === null || found === text, 'what is read is what was shown');
      good += found === text;
    }
    all.read += good;
    all.of += EACH;
    assert.ok(good >= EACH * 0.75, `${good} of ${EACH} were read`);
  });
}

test('of all of them, at least 95 of 100', () => {
  assert.ok(all.read >= all.of * 0.95, `${all.read} of ${all.of}`);
});
