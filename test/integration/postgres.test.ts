import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith, uniqueName } from '../services/describe-with.ts';

await describeWith(['postgres'], 'PostgreSQL', ({ postgres }) => {
  let client: pg.Client;
  const table = uniqueName('incidents').replaceAll('-', '_');

  beforeAll(async () => {
    client = new pg.Client({ connectionString: postgres });
    await client.connect();
    await client.query(`create table ${table} (id text primary key, severity text not null)`);
  });

  afterAll(async () => {
    await client.query(`drop table ${table}`);
    await client.end();
  });

  test('gives back inserted rows and refuses a second one of the same key', async () => {
    const insert = `insert into ${table} (id, severity) values ($1, $2)`;

    await client.query(insert, ['a', 'MAJOR']);
    const again = client.query(insert, ['a', 'MINOR']);

    await expect(again).rejects.toThrow(/duplicate key/);
    const { rows } = await client.query(`select id, severity from ${table}`);
    expect(rows).toEqual([{ id: 'a', severity: 'MAJOR' }]);
  });
});
