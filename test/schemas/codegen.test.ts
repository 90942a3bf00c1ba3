import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generate, staleFiles } from '../../schemas/codegen/generate.ts';

const colour = { type: 'enum', name: 'PaintColour', symbols: ['RED', 'BLUE'], doc: 'A colour. */ evil' };
const car = {
  type: 'record',
  name: 'Car',
  namespace: 'garage.v1',
  doc: 'It drives.',
  fields: [
    { name: 'colour', type: colour },
    { name: 'second', type: ['null', 'PaintColour'], default: null },
    { name: 'built', doc: 'When.', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'seats', type: { type: 'array', items: ['null', 'string'] } },
    { name: 'extras', type: { type: 'map', values: 'int' } },
    { name: 'chassis', type: { type: 'fixed', name: 'Chassis', size: 4 } },
  ],
};
const fleet = {
  type: 'record',
  name: 'Fleet',
  namespace: 'garage.v1',
  fields: [
    { name: 'best', type: 'garage.v1.Car' },
    { name: 'all', type: { type: 'array', items: 'Car' } },
    { name: 'livery', type: 'PaintColour' },
  ],
};

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'codegen-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function generated(schemas: Record<string, unknown>): Map<string, string> {
  for (const [name, schema] of Object.entries(schemas)) {
    writeFileSync(join(folder, `${name}.avsc`), JSON.stringify(schema));
  }
  return generate(folder);
}

describe('type generation', () => {
  it('writes an interface with its docs, and unions for enums', () => {
    const text = generated({ Car: car }).get('Car.ts');
    expect(text).toContain('/** It drives. */\nexport interface Car {');
    expect(text).toContain("export type PaintColour =\n  | 'RED'\n  | 'BLUE';");
    expect(text).toContain("export const PAINT_COLOUR_SYMBOLS = [\n  'RED',\n  'BLUE',\n] as const;");
    expect(text).toContain('readonly second: PaintColour | null;');
    expect(text).toContain('/** When. Milliseconds since the epoch. */\n  readonly built: number;');
    expect(text).toContain('readonly seats: ReadonlyArray<string | null>;');
    expect(text).toContain('readonly extras: Readonly<Record<string, number>>;');
    expect(text).toContain('export type Chassis = Uint8Array;');
  });

  it('does not let a doc end its comment', () => {
    expect(generated({ Car: car }).get('Car.ts')).toContain('/** A colour. *\\/ evil */');
  });

  it('imports a type from the file that defines it', () => {
    const text = generated({ Car: car, Fleet: fleet }).get('Fleet.ts');
    expect(text).toContain("import type { Car, PaintColour } from './Car.ts';");
    expect(text).toContain('readonly all: ReadonlyArray<Car>;');
    expect(text).not.toContain('export interface Car');
  });

  it('writes a referred type out once in the catalogue', () => {
    const text = generated({ Car: car, Fleet: fleet }).get('catalog.ts') ?? '';
    const fleetText = text.slice(text.indexOf('\n  Fleet: '));
    expect(fleetText.match(/"name": "Car"/g)).toHaveLength(1);
    expect(fleetText).toContain('"items": "garage.v1.Car"');
    expect(fleetText).toContain('"type": "garage.v1.PaintColour"');
  });

  it('refuses a name that is defined twice, or nowhere', () => {
    expect(() => generated({ Car: car, Fleet: { ...fleet, fields: [{ name: 'c', type: colour }] } })).toThrow(
      '"garage.v1.PaintColour" is defined twice: in Car and in Fleet',
    );
    rmSync(join(folder, 'Car.avsc'));
    expect(() => generated({ Fleet: fleet })).toThrow('No schema file defines "garage.v1.Car"');
  });

  it('refuses a file that does not hold the record it is named after', () => {
    expect(() => generated({ Bus: car })).toThrow('Bus.avsc must hold a record named "Bus"');
  });
});

describe('staleFiles', () => {
  it('names what is missing, differs, or should not be there', () => {
    writeFileSync(join(folder, 'same.ts'), 'a');
    writeFileSync(join(folder, 'differs.ts'), 'b');
    writeFileSync(join(folder, 'surplus.ts'), 'c');
    const wanted = new Map([
      ['same.ts', 'a'],
      ['differs.ts', 'x'],
      ['missing.ts', 'y'],
    ]);
    expect(staleFiles(wanted, folder)).toEqual(['differs.ts', 'missing.ts', 'surplus.ts']);
  });
});
