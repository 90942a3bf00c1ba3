import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ROLES, WatchedTokens, changeTokenFile, createToken, hashOf } from '../../connectors/http/index.ts';
import type { HttpServerOptions, Role } from '../../connectors/http/index.ts';
import { runServer } from './running-server.ts';
import type { RunningServer } from './running-server.ts';
import { incident } from './samples.ts';

export interface GuardedServer extends RunningServer {
  readonly tokensFile: string;
  /** One token of each role, named after it. */
  readonly tokens: Readonly<Record<Role, string>>;
}

/** A server that knows one token of each role, and one incident. */
export async function runGuardedServer(options: HttpServerOptions = {}): Promise<GuardedServer> {
  const tokensFile = tokenFilePath();
  const tokens = Object.fromEntries(ROLES.map((role) => [role, addToken(tokensFile, { name: role, role })]));
  const server = await runServer({ tokens: new WatchedTokens(tokensFile), ...options });
  server.pipeline.put(incident());
  return { ...server, tokensFile, tokens: tokens as Record<Role, string> };
}

export function tokenFilePath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'http-tokens-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'tokens.json');
}

export function addToken(
  file: string,
  { name, role, expiresAtMs }: { readonly name: string; readonly role: Role; readonly expiresAtMs?: number },
): string {
  const token = createToken();
  changeTokenFile(file, (tokens) => [
    ...tokens,
    {
      name,
      role,
      sha256: hashOf(token).toString('hex'),
      createdAt: new Date(0).toISOString(),
      expiresAt: expiresAtMs === undefined ? null : new Date(expiresAtMs).toISOString(),
    },
  ]);
  return token;
}

export function removeToken(file: string, name: string): void {
  changeTokenFile(file, (tokens) => tokens.filter((token) => token.name !== name));
}

export function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

export function jsonFrom(token: string): Record<string, string> {
  return { ...bearer(token), 'content-type': 'application/json' };
}
