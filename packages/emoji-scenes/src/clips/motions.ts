/** What a thing can do in a clip, in words that answer "what does it do?". */
export const motions = [
  'moves left',
  'moves right',
  'moves up',
  'moves down',
  'turns left',
  'turns right',
  'grows',
  'shrinks',
  'shakes',
  'stays still',
] as const;

/** The name of a motion: "moves left". */
export type Motion = (typeof motions)[number];
