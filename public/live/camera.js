// The camera: its picture on the page, its light, and the codes in it.
const WIDTH = 1280;
const HEIGHT = 720;
/** A look at the picture every so many milliseconds, if the one before is done. */
const EVERY = 90;
const SLOW_TO_START = 10_000;

const video = document.createElement('video');
video.muted = true;
video.playsInline = true;
video.setAttribute('aria-hidden', 'true');

let tell = () => {};
let stream = null;
let wanted = false;
let timer = 0;
let cameras = [];
let detector;
let worker;
let lock = null;
const waiting = new Map();
const canvas = document.createElement('canvas');

/** `told` gets {code} for what is read and {state, torch, cameras} for how the camera is. */
export function setUp(told) {
  tell = told;
  navigator.mediaDevices?.addEventListener?.('devicechange', find);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible' && wanted) stayAwake();
  });
}

/** Puts the picture where the page has a place for it; else out of sight: browsers halt what is not on the page. */
export function mount() {
  const place = document.querySelector('[data-video]') ?? document.getElementById('away');
  if (video.parentNode === place) return;
  place.append(video);
  if (stream) video.play().catch(() => {});
}

/** Says what is known without asking: that there is no camera, or that this site may not use it. */
export async function find() {
  const devices = await navigator.mediaDevices?.enumerateDevices?.().catch(() => null);
  if (!devices) return;
  const allowed = await navigator.permissions?.query({ name: 'camera' }).then((found) => found.state, () => 'prompt');
  // Meanwhile it may have been turned on: then it says itself how it is.
  if (wanted) return;
  if (!devices.some((device) => device.kind === 'videoinput')) tell({ state: 'none' });
  else tell({ state: allowed === 'denied' ? 'denied' : 'off' });
}

async function stayAwake() {
  try {
    if (!lock || lock.released) lock = await navigator.wakeLock?.request('screen');
  } catch { /* On low battery phones refuse; the screen then goes dark as it always does. */ }
}

const track = () => stream?.getVideoTracks()[0];
const hasTorch = () => Boolean(track()?.getCapabilities?.().torch);

/** Turns it on: the rear one, or the one chosen before. */
export async function start(device) {
  wanted = true;
  if (stream) return;
  if (!navigator.mediaDevices?.getUserMedia) return tell({ state: 'none' });
  try {
    const which = device ? { deviceId: { exact: device } } : { facingMode: { ideal: 'environment' } };
    const found = await navigator.mediaDevices.getUserMedia({
      audio: false, video: { ...which, width: { ideal: WIDTH }, height: { ideal: HEIGHT } },
    });
    if (!wanted) return found.getTracks().forEach((t) => t.stop());
    stream = found;
    video.srcObject = stream;
    track().onended = () => lost('taken');
    mount();
    await Promise.race([video.play(), new Promise((_, no) => setTimeout(() => no(new Error('slow')), SLOW_TO_START))]);
    cameras = (await navigator.mediaDevices.enumerateDevices()).filter((d) => d.kind === 'videoinput');
    stayAwake();
    tell({ state: 'on', torch: hasTorch(), cameras: cameras.length });
    look();
  } catch (error) {
    const gone = error.name === 'OverconstrainedError' && device;
    stop();
    wanted = true;
    if (gone) return start(null);
    tell({ state: { NotAllowedError: 'denied', NotFoundError: 'none' }[error.name] ?? 'taken' });
  }
}

function lost(state) {
  stop();
  tell({ state });
}

export function stop() {
  wanted = false;
  clearTimeout(timer);
  for (const t of stream?.getTracks() ?? []) {
    t.onended = null;
    t.stop();
  }
  stream = null;
  video.srcObject = null;
  lock?.release().catch(() => {});
  lock = null;
}

/** The next camera of this phone; answers its id, to be remembered. */
export async function flip() {
  const here = track()?.getSettings().deviceId;
  const at = cameras.findIndex((camera) => camera.deviceId === here);
  const next = cameras[(at + 1) % Math.max(1, cameras.length)]?.deviceId ?? null;
  stop();
  await start(next);
  return next;
}

export async function torch(on) {
  await track()?.applyConstraints({ advanced: [{ torch: on }] }).catch(() => {});
}

/** Whether this browser reads codes by itself. */
export async function readsByItself() {
  if (detector !== undefined) return Boolean(detector);
  const formats = await globalThis.BarcodeDetector?.getSupportedFormats?.().catch(() => []) ?? [];
  detector = formats.includes('qr_code') ? new BarcodeDetector({ formats: ['qr_code'] }) : null;
  return Boolean(detector);
}

/** Starts the reader of codes, so that it is there when the network is not. */
export function prepareReader() {
  worker ??= startWorker();
}

function startWorker() {
  const made = new Worker('/live/decode.js', { type: 'module' });
  made.onmessage = ({ data }) => {
    waiting.get(data.id)?.(data);
    waiting.delete(data.id);
  };
  made.onerror = () => {
    worker = undefined;
    for (const answer of waiting.values()) answer({ failed: 'the reader did not start' });
    waiting.clear();
  };
  return made;
}

async function codeInPicture() {
  if (await readsByItself()) return (await detector.detect(video).catch(() => []))[0]?.rawValue;
  prepareReader();
  const [width, height] = [video.videoWidth, video.videoHeight];
  Object.assign(canvas, canvas.width === width && canvas.height === height ? {} : { width, height });
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  pen.drawImage(video, 0, 0);
  const { buffer } = pen.getImageData(0, 0, width, height).data;
  const id = performance.now();
  const answer = new Promise((resolve) => waiting.set(id, resolve));
  worker.postMessage({ id, pixels: buffer, width, height }, [buffer]);
  return (await answer).text;
}

async function look() {
  if (!stream) return;
  const seen = performance.now();
  // What is read of a picture is told with the moment the picture was taken.
  const text = video.readyState >= 2 && document.visibilityState === 'visible' ? await codeInPicture() : null;
  if (!stream) return;
  tell({ seen, code: text || null });
  timer = setTimeout(look, Math.max(0, EVERY - (performance.now() - seen)));
}
