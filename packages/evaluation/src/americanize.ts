// Stanford's tokenizer rewrites British spellings by default, so "colourful" and "colorful" match in COCO scores.
// Its own list is longer; this one has the words that captions use.

const WORDS = new Map<string, string>(
  `aluminium:aluminum analyse:analyze analysed:analyzed analysing:analyzing armoured:armored
  cancelled:canceled cancelling:canceling centre:center centres:centers centred:centered coloured:colored
  colouring:coloring colourful:colorful defence:defense favoured:favored favourite:favorite
  favourites:favorites fibre:fiber fibres:fibers flavoured:flavored grey:gray harboured:harbored
  honoured:honored kilometre:kilometer kilometres:kilometers litre:liter litres:liters manoeuvre:maneuver
  metre:meter metres:meters mould:mold moulded:molded neighbouring:neighboring neighbourhood:neighborhood
  offence:offense organise:organize organised:organized organising:organizing plough:plow ploughs:plows
  ploughed:plowed ploughing:plowing programme:program programmes:programs realise:realize realised:realized
  theatre:theater theatres:theaters`
    .split(/\s+/)
    .map((pair) => pair.split(':') as [string, string]),
);

const OUR = /^([a-z]{3,})our(s?)$/;
const NOT_BRITISH = /^(?:glam|det|dev|cont|tamb|param|troubad|vel|enam|ard|bonj|troub|seym)our/;

/** The American spelling of one lower-case word, or the word itself. */
export function americanize(word: string): string {
  const known = WORDS.get(word);
  if (known !== undefined) return known;
  if (!word.includes('our')) return word;
  return NOT_BRITISH.test(word) ? word : word.replace(OUR, '$1or$2');
}
