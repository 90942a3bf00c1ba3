import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { installedCommand } from '../../../stack/installation/apt.ts';
import { freePort } from '../../../stack/native/free-port.ts';
import { startProgram } from '../../../stack/native/program.ts';
import type { RunningProgram } from '../../../stack/native/running-service.ts';

const COMMAND = 'prometheus-alertmanager';
const LOCK_ATTEMPTS = 20;
const LOCK_WAIT_MS = 3_000;

/** Whoever else refreshes the lists of packages at this moment is waited for: the package manager itself does not. */
export async function alertmanagerCommand(): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await installedCommand(COMMAND, COMMAND);
    } catch (error) {
      if (attempt === LOCK_ATTEMPTS || !/lock/i.test((error as Error).message)) throw error;
      await sleep(LOCK_WAIT_MS);
    }
  }
}

/** A real Alertmanager of its own that posts to this URL, and repeats what fires each second. */
export async function startAlertmanager(folder: string, webhookUrl: string): Promise<RunningProgram> {
  const command = await alertmanagerCommand();
  const url = `http://127.0.0.1:${await freePort()}`;
  const configFile = join(folder, 'alertmanager.yml');
  await writeFile(
    configFile,
    `route:
  receiver: incidents
  group_by: [alertname]
  group_wait: 100ms
  group_interval: 500ms
  repeat_interval: 1s
receivers:
  - name: incidents
    webhook_configs:
      - url: ${webhookUrl}
        send_resolved: true
`,
  );
  return startProgram({
    url,
    command,
    args: [
      `--config.file=${configFile}`,
      `--storage.path=${folder}`,
      `--web.listen-address=${new URL(url).host}`,
      '--cluster.listen-address=',
    ],
    folder,
    ask: async () => {
      const { ok, status } = await fetch(`${url}/-/ready`);
      if (!ok) throw new Error(`status ${status}`);
    },
  });
}
