import type { ReportCredit } from '../../report/index.js';

/** Whose drawings the pictures and clips show. */
export const drawingCredits: readonly ReportCredit[] = [
  {
    name: 'Noto Emoji',
    author: 'Google',
    licence: 'Apache-2.0',
    url: 'https://github.com/googlefonts/noto-emoji',
  },
  { name: 'Twemoji', author: 'Twitter', licence: 'CC BY 4.0', url: 'https://github.com/twitter/twemoji' },
  { name: 'OpenMoji', author: 'OpenMoji', licence: 'CC BY-SA 4.0', url: 'https://openmoji.org' },
  {
    name: 'Emoji One',
    author: 'Emoji One',
    licence: 'CC BY 4.0, v1 CC BY-SA 4.0',
    url: 'https://github.com/EmojiTwo/emojitwo',
  },
  { name: 'FxEmoji', author: 'Mozilla', licence: 'Apache-2.0', url: 'https://github.com/mozilla/fxemoji' },
  {
    name: 'Fluent Emoji',
    author: 'Microsoft',
    licence: 'MIT',
    url: 'https://github.com/microsoft/fluentui-emoji',
  },
];

/** Whose words and whose method every demo uses. */
export const commonCredits: readonly ReportCredit[] = [
  { name: 'CLDR', author: 'Unicode', licence: 'Unicode-3.0', url: 'https://cldr.unicode.org' },
  {
    name: 'eP-ALM',
    author: 'Shukor, Dancette, Cord 2023',
    licence: 'paper',
    url: 'https://arxiv.org/abs/2303.11403',
  },
];
