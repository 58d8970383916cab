// Pictures as a gate's camera sees them: a ticket's QR code on a phone's screen, turned, tilted, blurred, dim, glaring or
// small, at 720p. Everything is drawn here from a seed, so a run can be repeated and nothing is stored.
import qrcode from 'qrcode-generator';

export const WIDTH = 1280;
export const HEIGHT = 720;
export const KINDS = ['plain', 'rotated', 'tilted', 'blurred', 'dim', 'glaring', 'small'];

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** How a frame of that kind looks. */
export function conditions(kind, dice) {
  const between = (low, high) => low + dice() * (high - low);
  const c = {
    module: between(5, 7), turn: between(-0.15, 0.15), tiltX: between(-0.1, 0.1), tiltY: between(-0.1, 0.1),
    blur: between(0.2, 0.5), smear: 0, white: between(190, 240), black: between(15, 40), noise: between(1, 4),
    glare: 0, offX: between(-80, 80), offY: between(-40, 40), seed: Math.floor(dice() * 2 ** 32),
  };
  switch (kind) {
    case 'rotated': c.turn = between(-Math.PI, Math.PI); break;
    case 'tilted':
      // Up to 45 degrees, about both axes.
      c.tiltX = between(0.35, 0.8) * Math.sign(dice() - 0.5);
      c.tiltY = between(-0.35, 0.35);
      break;
    case 'blurred': c.blur = between(1.2, 2); c.smear = between(0, 3.5); break;
    case 'dim': c.white = between(38, 60); c.black = between(10, 18); c.noise = between(3, 6); break;
    case 'glaring': c.glare = between(0.5, 0.8); break;
    case 'small': c.module = between(2.4, 3); c.blur = between(0.2, 0.6); break;
    default: break;
  }
  return c;
}

/** The modules of a code, as the server draws it: level M. */
export function matrix(text) {
  const qr = qrcode(0, 'M');
  qr.addData(text, 'Byte');
  qr.make();
  return qr;
}

/** The grey picture of a code under those conditions. */
export function frame(text, c) {
  const qr = matrix(text);
  const size = qr.getModuleCount();
  const dice = random(c.seed);
  const out = new Float32Array(WIDTH * HEIGHT);
  // The code lies in a plane at distance 1, turned and tilted; each pixel's ray is cut with it.
  const [sx, cx, sy, cy, st, ct] = [Math.sin(c.tiltX), Math.cos(c.tiltX), Math.sin(c.tiltY), Math.cos(c.tiltY), Math.sin(c.turn), Math.cos(c.turn)];
  const rotate = ([x, y]) => {
    const [a, b] = [x * ct - y * st, x * st + y * ct];
    const [y1, z1] = [b * cx, b * sx];
    return [a * cy + z1 * sy, y1, -a * sy + z1 * cy];
  };
  const [u, v] = [rotate([1, 0]), rotate([0, 1])];
  const n = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
  const focal = 1100;
  const far = focal / c.module; // in modules: there a module is `module` pixels wide
  const screen = size / 2 + 7;
  const shade = (px, py) => {
    const ray = [(px - WIDTH / 2 - c.offX) / focal, (py - HEIGHT / 2 - c.offY) / focal, 1];
    const t = (far * n[2]) / (ray[0] * n[0] + ray[1] * n[1] + ray[2] * n[2]);
    const p = [ray[0] * t, ray[1] * t, ray[2] * t - far];
    const x = p[0] * u[0] + p[1] * u[1] + p[2] * u[2];
    const y = p[0] * v[0] + p[1] * v[1] + p[2] * v[2];
    if (Math.abs(x) > screen || Math.abs(y) > screen * 1.5) return c.black + (c.white - c.black) * (0.12 + 0.1 * Math.sin(px / 190 + py / 140));
    const [col, row] = [Math.floor(x + size / 2), Math.floor(y + size / 2)];
    const dark = col >= 0 && row >= 0 && col < size && row < size && qr.isDark(row, col);
    return dark ? c.black : c.white;
  };
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      out[y * WIDTH + x] = (shade(x + 0.25, y + 0.25) + shade(x + 0.75, y + 0.25) + shade(x + 0.25, y + 0.75) + shade(x + 0.75, y + 0.75)) / 4;
    }
  }
  blur(out, c.blur, c.smear);
  const spot = { x: WIDTH / 2 + c.offX + (dice() - 0.5) * size * c.module * 0.8, y: HEIGHT / 2 + c.offY + (dice() - 0.5) * size * c.module * 0.8, r: size * c.module * 0.16 };
  const grey = new Uint8Array(WIDTH * HEIGHT);
  for (let at = 0; at < out.length; at++) {
    let value = out[at];
    if (c.glare) {
      const d = Math.hypot((at % WIDTH) - spot.x, Math.floor(at / WIDTH) - spot.y) / spot.r;
      value += 235 * c.glare * Math.exp(-d * d);
    }
    // Near enough to a bell curve.
    value += (dice() + dice() + dice() - 1.5) * 2 * c.noise;
    grey[at] = Math.max(0, Math.min(255, Math.round(value)));
  }
  return grey;
}

/** A bell curve of that width in pixels, then a smear to the side, as of a hand that moves. */
function blur(picture, sigma, smear) {
  const reach = Math.ceil(sigma * 3);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-((i - reach) ** 2) / (2 * sigma * sigma)));
  const sum = weights.reduce((a, b) => a + b);
  along(picture, weights.map((w) => w / sum), 1, reach);
  along(picture, weights.map((w) => w / sum), WIDTH, reach);
  const length = Math.round(smear);
  if (length > 1) along(picture, Array.from({ length }, () => 1 / length), 1, Math.floor(length / 2));
}

function along(picture, weights, step, reach) {
  const from = picture.slice();
  const last = picture.length - 1;
  for (let at = 0; at <= last; at++) {
    let value = 0;
    for (let i = 0; i < weights.length; i++) value += weights[i] * from[Math.max(0, Math.min(last, at + (i - reach) * step))];
    picture[at] = value;
  }
}

/** Frames as a film that Chromium's fake camera shows (YUV4MPEG2, 4:2:0); each is held for `hold` pictures. */
export function film(frames, { fps = 10, hold = 1 } = {}) {
  const chroma = Buffer.alloc((WIDTH * HEIGHT) / 2, 128);
  const parts = [Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F${fps}:1 Ip A1:1 C420mpeg2\n`)];
  for (const grey of frames) for (let i = 0; i < hold; i++) parts.push(Buffer.from('FRAME\n'), Buffer.from(grey), chroma);
  return Buffer.concat(parts);
}
