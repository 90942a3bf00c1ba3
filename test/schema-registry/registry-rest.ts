/** A registry as `curl` sees it: tests check what happened there, not what the connector says of it. */
export async function readJson(url: string): Promise<Record<string, unknown>> {
  return answerOf(url, await fetch(url));
}

export async function postJson(
  url: string,
  body: object,
  method: 'POST' | 'PUT' = 'POST',
): Promise<Record<string, unknown>> {
  const headers = { 'content-type': 'application/vnd.schemaregistry.v1+json' };
  return answerOf(url, await fetch(url, { method, headers, body: JSON.stringify(body) }));
}

async function answerOf(url: string, reply: Response): Promise<Record<string, unknown>> {
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${url}: HTTP ${reply.status} ${text}`);
  return JSON.parse(text) as Record<string, unknown>;
}
