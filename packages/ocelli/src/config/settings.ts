import { OcelliError } from '@ocelli/ops';
import { type Document, isMap, parse } from 'yaml';

/** A comma ends a value only where another key begins, so that values may hold commas: `a=[1, 2],b.c=3`. */
const nextSetting = /,(?=[A-Za-z]\w*(?:\.\w+)*=)/;

/**
 * Puts `KEY=VALUE,...` into a YAML file as if it stood there: keys are paths with dots, values are YAML.
 *
 * @throws {OcelliError} naming the setting that is none.
 */
export function applySettings(document: Document, settings: string): void {
  for (const setting of settings.split(nextSetting)) {
    const [, key, value] = /^\s*([\w.]+)\s*=(.*)$/s.exec(setting) ?? [];
    if (key === undefined) {
      throw new OcelliError(
        'config',
        `the setting "${setting}" is not KEY=VALUE; write for example training.batchSize=8,data.root=/data`,
      );
    }
    const path = key.split('.');
    for (let length = 1; length < path.length; length++) {
      const parent = document.getIn(path.slice(0, length), true);
      if (parent === undefined || isMap(parent)) continue;
      throw new OcelliError(
        'config',
        `the setting "${key}" goes into ${path.slice(0, length).join('.')}, which has no keys; set that as a whole`,
      );
    }
    document.setIn(path, document.createNode(parseValue(key, value!)));
  }
}

function parseValue(key: string, value: string): unknown {
  try {
    return parse(value) as unknown;
  } catch (error) {
    throw new OcelliError(
      'config',
      `the value of the setting "${key}" is not YAML (${(error as Error).message}); correct it`,
      {
        cause: error,
      },
    );
  }
}
