/** What decides the features of a picture. */
export interface FeatureKeyParts {
  /** Fingerprint of the encoder: its weights and which of its states are taken. */
  readonly encoder: string;
  /** Fingerprint of the processor: size, normalisation, and the augmentation draw if there is one. */
  readonly processor: string;
  /** `mediaKey` of the picture. */
  readonly media: string;
}

/** One key of the three parts. */
export function featureKey({ encoder, processor, media }: FeatureKeyParts): string {
  return JSON.stringify([encoder, processor, media]);
}
