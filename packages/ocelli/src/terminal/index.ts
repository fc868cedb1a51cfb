export { type Colours, createColours } from './colours.js';
export { displayWidth, pad, stripEscapes, truncate } from './display-width.js';
export { type DrawPictureOptions, drawPicture } from './draw-picture.js';
export { type DrawRowOptions, drawRow } from './draw-row.js';
export { formatTable, type TableColumn, type TableOptions } from './format-table.js';
export { ProgressBar, type ProgressBarOptions, type ProgressStream } from './progress-bar.js';
export {
  type ColourDepth,
  type TerminalAbility,
  type TerminalStream,
  terminalAbility,
} from './terminal-ability.js';
export { wrapText } from './wrap-text.js';
