import type { TestProject } from 'vitest/node';
import { openCoordinator } from './coordinator.ts';
import { createRunFolder, removeFolder } from './run-folder.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the coordinator of this run's services answers. */
    readonly servicesUrl: string;
  }
}

/** Makes services available to every test; none starts until a test asks for it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await createRunFolder();
  const coordinator = await openCoordinator(folder);
  project.provide('servicesUrl', coordinator.url);
  return async () => {
    await coordinator.close();
    await removeFolder(folder);
  };
}
