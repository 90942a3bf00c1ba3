import { expect, onTestFinished, test } from 'vitest';
import { openConfluentRegistry } from '../../connectors/schema-registry/index.ts';
import { describeWith } from '../services/describe-with.ts';
import { uniqueSubjects } from './subjects.ts';

await describeWith(['schemaRegistry'], 'processes that start side by side', ({ schemaRegistry: url }) => {
  test('register the same schemas at the same time, and all get the same ids', async () => {
    for (let round = 0; round < 8; round++) {
      const subjects = uniqueSubjects();
      const opened = await Promise.all(
        Array.from({ length: 4 }, () => openConfluentRegistry({ url, subjects })),
      );
      onTestFinished(() => opened.forEach((registry) => registry.close()));
      for (const name of ['IncidentEvent', 'Tick', 'IncidentState'] as const)
        expect(new Set(opened.map((registry) => registry.idOf(name))).size).toBe(1);
    }
  });
});
