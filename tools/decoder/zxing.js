import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';

/** Loads the WASM that lies beside this file. */
export const prepare = (wasmBinary) => prepareZXingModule({
  overrides: wasmBinary ? { wasmBinary } : { locateFile: () => new URL('zxing_reader.wasm', import.meta.url).href },
  fireImmediately: true,
});

/** The first QR code in a picture, as text; null if there is none. */
export async function read(data, width, height) {
  const [found] = await readBarcodes({ data, width, height, colorSpace: 'srgb' }, {
    formats: ['QRCode'], maxNumberOfSymbols: 1, tryHarder: true, tryRotate: true, tryInvert: true, tryDownscale: true,
  });
  return found?.text ?? null;
}
