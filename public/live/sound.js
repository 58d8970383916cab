// Notes and vibration. Phones let a page sound only after a touch.
let context;

/** Makes sound possible; call it in a touch. */
export async function unlock(changed) {
  context ??= new AudioContext();
  context.onstatechange = () => changed(context.state === 'running');
  if (context.state !== 'running') await context.resume().catch(() => {});
  changed(context.state === 'running');
}

export const running = () => context?.state === 'running';

/** Plays notes of {hz, ms, rest, wave, soft}, one after the other. */
export function play(notes) {
  if (!running()) return;
  let at = context.currentTime + 0.005;
  for (const { hz, ms, rest, wave, soft } of notes) {
    const [tone, gain] = [context.createOscillator(), context.createGain()];
    const [length, loud] = [ms / 1000, soft ? 0.25 : 0.8];
    tone.type = wave;
    tone.frequency.value = hz;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(loud, at + 0.006);
    gain.gain.setValueAtTime(loud, at + length - 0.012);
    gain.gain.linearRampToValueAtTime(0, at + length);
    tone.connect(gain).connect(context.destination);
    tone.start(at);
    tone.stop(at + length);
    at += length + rest / 1000;
  }
}

export const vibrates = () => typeof navigator.vibrate === 'function';

/** Vibrates; where a phone cannot, the screen's edge blinks once instead. */
export function vibrate(pattern) {
  if (vibrates()) return navigator.vibrate(pattern);
  const root = document.documentElement;
  root.classList.remove('blink');
  requestAnimationFrame(() => root.classList.add('blink'));
  return true;
}
