// A sound and a shake for each verdict: whoever counts looks at the shelf, not at the screen.

import type { Sound } from "./verdict";

interface Tone {
  hz: number;
  ms: number;
  gap?: number;
}

const TONES: Record<Sound, Tone[]> = {
  high: [{ hz: 1568, ms: 90 }],
  two_mid: [{ hz: 784, ms: 110, gap: 60 }, { hz: 784, ms: 110 }],
  low_long: [{ hz: 196, ms: 600 }],
  mid_low: [{ hz: 659, ms: 130, gap: 30 }, { hz: 330, ms: 220 }],
  tick: [{ hz: 2400, ms: 18 }],
  place: [{ hz: 880, ms: 70, gap: 20 }, { hz: 1175, ms: 90 }],
};

const SHAKES: Record<Sound, number[]> = {
  high: [40],
  two_mid: [70, 60, 70],
  low_long: [400],
  mid_low: [120, 40, 60],
  tick: [12],
  place: [30, 30, 30],
};

const KEY = "hufu-scan-quiet";
const LOUD = 0.35;
const EDGE_S = 0.008;

export class Sounds {
  #context: AudioContext | null = null;

  /** Browsers let a page sound only after it was touched. */
  unlock(): void {
    try {
      this.#context ??= new AudioContext();
      if (this.#context.state === "suspended") void this.#context.resume();
    } catch {
      // Without sound there is still the colour, the word and the shake.
    }
  }

  get quiet(): boolean {
    try {
      return localStorage.getItem(KEY) === "1";
    } catch {
      return false;
    }
  }

  set quiet(quiet: boolean) {
    try {
      localStorage.setItem(KEY, quiet ? "1" : "0");
    } catch {
      // Then it sounds again after a reload.
    }
  }

  play(sound: Sound): void {
    // A browser that has not been touched refuses to shake with an error in its log.
    if (navigator.userActivation?.hasBeenActive !== false) navigator.vibrate?.(SHAKES[sound]);
    const context = this.#context;
    if (!context || context.state !== "running" || this.quiet) return;
    let at = context.currentTime + 0.01;
    for (const tone of TONES[sound]) {
      const end = at + tone.ms / 1000;
      const oscillator = context.createOscillator();
      const gain = context.createGain();
      oscillator.type = tone.hz < 400 ? "square" : "triangle";
      oscillator.frequency.value = tone.hz;
      gain.gain.setValueAtTime(0, at);
      gain.gain.linearRampToValueAtTime(LOUD, at + EDGE_S);
      gain.gain.setValueAtTime(LOUD, Math.max(at + EDGE_S, end - EDGE_S));
      gain.gain.linearRampToValueAtTime(0, end);
      oscillator.connect(gain).connect(context.destination);
      oscillator.start(at);
      oscillator.stop(end);
      at = end + (tone.gap ?? 0) / 1000;
    }
  }
}
