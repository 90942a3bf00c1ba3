/**
 * Names whoever a command is done by: the token's name or, where the body names another, "ana via token bot". A token's
 * name has no spaces, so the last word always tells which token it was. What is no name is left for the route to refuse.
 */
export function signWithToken(body: unknown, tokenName: string): void {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return;
  const command = body as { actor?: unknown };
  if (command.actor === undefined) command.actor = tokenName;
  if (typeof command.actor !== 'string') return;
  const actor = command.actor.trim();
  if (actor === '' || actor === tokenName || actor.toLowerCase() === 'system') return;
  command.actor = `${actor} via token ${tokenName}`;
}
