import { OcelliError } from '@ocelli/ops';
import type { EncoderDecoderConfig } from '../model/encoder-decoder.js';
import type { LanguageModelConfig } from '../model/language-model.js';

/** Throws unless every prompt holds tokens of the model and, after a prefix, leaves room for `maxNewTokens`. */
export function checkPrompts(
  prompts: readonly (readonly number[])[],
  maxNewTokens: number,
  config: LanguageModelConfig | EncoderDecoderConfig,
  prefixTokens = 0,
): void {
  for (const [index, prompt] of prompts.entries()) {
    if (prompt.length === 0) {
      const remedy =
        'beginId' in config
          ? `begin it with the model's beginId ${config.beginId}`
          : `end it with the model's endId ${config.endId}`;
      throw new OcelliError('generate', `prompt ${index} is empty; ${remedy}`);
    }
    const stranger = prompt.find((id) => !Number.isInteger(id) || id < 0 || id >= config.vocabularySize);
    if (stranger !== undefined) {
      throw new OcelliError(
        'generate',
        `prompt ${index} has the id ${stranger}, the model knows 0 to ${config.vocabularySize - 1}; ` +
          `encode it with the model's own tokenizer`,
      );
    }
    // The last new token is never fed back. A decoder that reads an encoded prompt begins with a token of its own.
    const positions =
      'beginId' in config
        ? prefixTokens + prompt.length + maxNewTokens - 1
        : Math.max(prompt.length, maxNewTokens);
    if (positions > config.maxPositions) {
      throw new OcelliError(
        'generate',
        `prompt ${index} has ${prefixTokens + prompt.length} tokens and maxNewTokens is ${maxNewTokens}, ` +
          `but the model has ${config.maxPositions} positions; shorten one of them`,
      );
    }
  }
}
