import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { composeFile, textOf } from './compose-file.ts';

const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
const isValid = ajv.compile(JSON.parse(textOf('test/stack/compose-spec/compose-spec.json')) as object);

test("the compose file is valid by the Compose Specification's schema", () => {
  isValid(composeFile());

  expect(isValid.errors ?? []).toEqual([]);
});

test('a misspelt key would not be valid', () => {
  const { kafka, ...others } = composeFile().services;

  expect(isValid({ services: { ...others, kafka: { ...kafka, health_check: {} } } })).toBe(false);
});
