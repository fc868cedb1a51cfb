import { OcelliError } from '@ocelli/ops';
import { z } from 'zod';
import type { Adapter, AdapterContext, AdapterMethod } from './adapter.js';

const methods = new Map<string, AdapterMethod>();

/** Makes a method available by name. Names are lower-case words with hyphens, each taken once. */
export function registerAdapter<Schema extends z.ZodType>(method: AdapterMethod<Schema>): void {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(method.name)) {
    throw new OcelliError(
      'registerAdapter',
      `"${method.name}" is not a name in lower-case words with hyphens`,
    );
  }
  if (methods.has(method.name)) {
    throw new OcelliError('registerAdapter', `"${method.name}" is registered already; choose another name`);
  }
  methods.set(method.name, method as unknown as AdapterMethod);
}

/** Every registered method, in order of registration. */
export function adapterMethods(): AdapterMethod[] {
  return [...methods.values()];
}

/** Checks `config` against the method's schema, fills in defaults and builds the adapter with initial values. */
export function createAdapter(name: string, config: unknown, context: AdapterContext): Adapter {
  const method = methods.get(name);
  if (!method) {
    throw new OcelliError(
      'adapter',
      `there is no method "${name}"; registered are ${[...methods.keys()].join(', ')}`,
    );
  }
  const result = method.schema.safeParse(config ?? {});
  if (!result.success) {
    throw new OcelliError(
      'adapter',
      `the configuration of "${name}" is not right:\n${z.prettifyError(result.error)}`,
    );
  }
  return method.create(result.data, context);
}
