/** What we call of the package; it has no types of its own. */
declare module '@echogarden/espeak-ng-emscripten' {
  /** A synthesiser; it keeps its settings, and its noise goes on where it was. */
  export interface EspeakWorker {
    /** @returns 0, or a number for what went wrong. @param name an accent, or `ACCENT+VARIANT` */
    set_voice(name: string): number;
    /** Words a minute, 80 to 450. */
    set_rate(rate: number): void;
    /** 0 to 99; 50 is the voice's own. */
    set_pitch(pitch: number): void;
    /** Hands the sound, 22,050 samples per second, over in pieces while it works; `true` would stop it. */
    synthesize(text: string, onSound: (samples: Int16Array) => boolean): void;
  }
  export interface EspeakModule {
    readonly HEAPU8: Uint8Array;
    readonly eSpeakNGWorker: new () => EspeakWorker;
  }
  export default function open(): Promise<EspeakModule>;
}
