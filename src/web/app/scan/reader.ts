// Reads codes where the browser itself cannot: asked for only then, for it is larger than all the rest together.

import { BarcodeDetector, prepareZXingModule } from "barcode-detector/ponyfill";

export interface Found {
  rawValue: string;
  cornerPoints: readonly { x: number; y: number }[];
}

export interface Detector {
  detect(source: CanvasImageSource | Blob | ImageData): Promise<Found[]>;
}

/** A reader of QR codes whose machine is fetched from us: by itself it would ask a stranger's server. */
export function detector(wasm: string): Detector {
  prepareZXingModule({ overrides: { locateFile: (path: string) => (path.endsWith(".wasm") ? wasm : path) } });
  return new BarcodeDetector({ formats: ["qr_code"] });
}
