// The camera, read again and again. A browser that reads QR codes itself does; for the others our own reader is fetched.

import type { Detector, Found } from "./reader";

/** Between two looks, so that the phone can draw and does not get hot. */
const REST_MS = 60;

interface NativeDetector {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<string[]>;
}

interface Torch extends MediaTrackCapabilities {
  torch?: boolean;
}

export type CameraFault = "insecure" | "denied" | "none" | "broken";

/** Where our reader and its machine are. */
export interface ReaderFiles {
  script: string;
  wasm: string;
}

async function native(): Promise<Detector | null> {
  const Native = (globalThis as { BarcodeDetector?: NativeDetector }).BarcodeDetector;
  if (!Native) return null;
  try {
    // Some have the name and can do nothing: only what says "qr_code" and then makes one is real.
    if (!(await Native.getSupportedFormats()).includes("qr_code")) return null;
    return new Native({ formats: ["qr_code"] });
  } catch {
    return null;
  }
}

async function own(files: ReaderFiles): Promise<Detector> {
  const module = (await import(files.script)) as typeof import("./reader");
  return module.detector(new URL(files.wasm, location.href).href);
}

function fault(error: unknown): CameraFault {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "none";
  return "broken";
}

/** Keeps the screen on while the camera runs, where the browser can. */
async function stayAwake(): Promise<{ release(): Promise<void> } | null> {
  try {
    return (await navigator.wakeLock?.request("screen")) ?? null;
  } catch {
    return null;
  }
}

export class Camera {
  readonly video: HTMLVideoElement;
  #files: ReaderFiles;
  #detector: Detector | null = null;
  #isNative = false;
  #stream: MediaStream | null = null;
  #round = 0;
  #awake: { release(): Promise<void> } | null = null;
  #onCodes: (codes: string[]) => void;

  constructor(video: HTMLVideoElement, files: ReaderFiles, onCodes: (codes: string[]) => void) {
    this.video = video;
    this.#files = files;
    this.#onCodes = onCodes;
  }

  get on(): boolean {
    return this.#stream !== null;
  }

  /** Which reader reads: told in the page, for whoever looks into a phone that reads badly. */
  get reader(): string {
    return this.#detector ? (this.#isNative ? "native" : "wasm") : "none";
  }

  /** Starts; says what stood in the way. */
  async start(): Promise<CameraFault | null> {
    if (this.on) return null;
    if (!navigator.mediaDevices?.getUserMedia) return isSecureContext ? "none" : "insecure";
    const round = ++this.#round;
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } },
      });
      if (round !== this.#round) {
        for (const track of stream.getTracks()) track.stop();
        return null;
      }
      this.#stream = stream;
      // Somebody pulled it out, or another program took it.
      stream.getVideoTracks()[0]?.addEventListener("ended", () => this.stop());
      this.video.srcObject = stream;
      await this.video.play();
      await this.prepare();
      if (round === this.#round) this.#awake = await stayAwake();
    } catch (error) {
      this.stop();
      return fault(error);
    }
    void this.#look(round);
    return null;
  }

  async prepare(): Promise<void> {
    if (this.#detector) return;
    const found = await native();
    this.#isNative = found !== null;
    this.#detector = found ?? (await own(this.#files));
  }

  stop(): void {
    this.#round += 1;
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
    this.video.srcObject = null;
    void this.#awake?.release().catch(() => undefined);
    this.#awake = null;
  }

  async #look(round: number): Promise<void> {
    let misses = 0;
    while (round === this.#round && this.#detector) {
      try {
        if (this.video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && !document.hidden) {
          const found: Found[] = await this.#detector.detect(this.video);
          misses = 0;
          if (found.length > 0 && round === this.#round) this.#onCodes(found.map((one) => one.rawValue));
        }
      } catch {
        // One picture that cannot be read is nothing; a reader that never can is replaced by ours.
        if (++misses === 20 && this.#isNative) {
          this.#isNative = false;
          this.#detector = await own(this.#files).catch(() => null);
        }
      }
      await new Promise((resolve) => setTimeout(resolve, REST_MS));
    }
  }

  get hasTorch(): boolean {
    const track = this.#stream?.getVideoTracks()[0];
    return Boolean((track?.getCapabilities?.() as Torch | undefined)?.torch);
  }

  async torch(on: boolean): Promise<boolean> {
    const track = this.#stream?.getVideoTracks()[0];
    if (!track || !this.hasTorch) return false;
    try {
      await track.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] });
      return on;
    } catch {
      return false;
    }
  }

  /** The picture as it is now. */
  async shot(): Promise<Blob | null> {
    const { videoWidth: width, videoHeight: height } = this.video;
    if (!this.on || width === 0) return null;
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    canvas.getContext("2d")?.drawImage(this.video, 0, 0);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));
  }
}
