import { expect, test } from 'vitest';
import { changeSettings, defaultMethods, defaultSettings, demoSettingsSchema } from './settings.js';

test('the defaults fit their own schema and know the five methods', () => {
  expect(demoSettingsSchema.parse(defaultSettings)).toEqual(defaultSettings);
  for (const name of defaultMethods) expect(defaultSettings.methods).toHaveProperty(name);
});

test('changes settings, settings of a method and of all methods', () => {
  const changed = changeSettings(defaultSettings, [
    'steps=7',
    'epalm.learningRate=3e-3',
    'epalm.config.features=2',
    '*.weightDecay=0.1',
    'schedule=constant',
  ]);
  expect(changed.steps).toBe(7);
  expect(changed.schedule).toBe('constant');
  expect(changed.methods.epalm).toMatchObject({ learningRate: 0.003, weightDecay: 0.1 });
  expect(changed.methods.epalm?.config).toMatchObject({ features: 2 });
  expect(changed.methods.limber).toMatchObject({ weightDecay: 0.1 });
  expect(defaultSettings.methods.epalm?.weightDecay).toBeUndefined();
});

test.each([
  ['stps=3', 'there is no setting "stps"; did you mean "steps"?'],
  ['steps', 'has no "="'],
  ['steps=many', 'settings that do not fit'],
  ['steps.more=1', '"steps" is a value'],
  ['epalm.learningRte=1', 'learningRte'],
])('refuses %s', (change, expected) => {
  expect(() => changeSettings(defaultSettings, [change])).toThrow(expected);
});
