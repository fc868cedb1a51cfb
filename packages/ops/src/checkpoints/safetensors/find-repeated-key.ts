/**
 * The first key that an object in this JSON text has twice, or null. `JSON.parse` keeps the last of them silently.
 * The text must be valid JSON.
 */
export function findRepeatedKey(json: string): string | null {
  // One set of keys for every open object, null for every open array.
  const open: (Set<string> | null)[] = [];
  for (let i = 0; i < json.length; i++) {
    switch (json[i]) {
      case '{':
        open.push(new Set());
        break;
      case '[':
        open.push(null);
        break;
      case '}':
      case ']':
        open.pop();
        break;
      case '"': {
        const begin = i;
        i = endOfString(json, begin);
        const keys = open.at(-1);
        if (!keys || !isFollowedByColon(json, i + 1)) break;
        const key = JSON.parse(json.slice(begin, i + 1)) as string;
        if (keys.has(key)) return key;
        keys.add(key);
      }
    }
  }
  return null;
}

/** Where the string that begins at `begin` has its closing quote. */
function endOfString(json: string, begin: number): number {
  let i = begin + 1;
  while (json[i] !== '"') i += json[i] === '\\' ? 2 : 1;
  return i;
}

function isFollowedByColon(json: string, from: number): boolean {
  let i = from;
  while (json[i] === ' ' || json[i] === '\n' || json[i] === '\r' || json[i] === '\t') i++;
  return json[i] === ':';
}
