// Reads codes from pictures, off the page's own thread: ZXing-C++ as WASM. Only browsers without a BarcodeDetector load it.
import { prepare, read } from './zxing.js';

const ready = prepare();

self.onmessage = async ({ data: { id, pixels, width, height } }) => {
  try {
    await ready;
    self.postMessage({ id, text: await read(new Uint8ClampedArray(pixels), width, height) });
  } catch (error) {
    self.postMessage({ id, failed: String(error?.message ?? error) });
  }
};
