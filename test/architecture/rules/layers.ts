import { importsOf, targetOf } from '../imports.ts';
import type { ImportSite, ImportTarget } from '../imports.ts';
import type { SourceFile } from '../source.ts';
import type { Violation } from '../violation.ts';
import { mayImport, zoneOf } from '../zones.ts';
import type { Zone } from '../zones.ts';

/** Everyone imports only what the table in `zones.ts` lets them. */
export function checkLayers(sources: readonly SourceFile[]): Violation[] {
  return sources.filter((source) => source.tree !== null && source.path.includes('/')).flatMap(checkFile);
}

function checkFile(source: SourceFile): Violation[] {
  const zone = zoneOf(source.path);
  if (zone === undefined) {
    const instead =
      'move it into a folder that has a zone, or give its folder one in test/architecture/zones.ts';
    return [{ file: source.path, line: 1, what: 'this file belongs to no layer', instead }];
  }
  return importsOf(source).flatMap((site) => {
    const complaint = complain(zone, source.path, site, targetOf(source.path, site.specifier));
    return complaint === null ? [] : [{ file: source.path, line: site.line, ...complaint }];
  });
}

type Complaint = Pick<Violation, 'what' | 'instead'>;

function complain(zone: Zone, file: string, site: ImportSite, target: ImportTarget): Complaint | null {
  switch (target.kind) {
    case 'node':
      if (zone.node) return null;
      return {
        what: `${zone.name} imports ${target.name}`,
        instead:
          'let the caller pass in what is needed, through a port; IO belongs in a runtime, a connector or the cli',
      };
    case 'package':
      if (zone.packages.includes('*') || zone.packages.includes(target.name)) return null;
      return {
        what: `${zone.name} imports the package ${target.name}`,
        instead: `use ${describePackages(zone)}, or move this code to the folder that owns the package`,
      };
    case 'file':
      return complainOfFile(zone, file, site, target);
  }
}

function complainOfFile(
  zone: Zone,
  file: string,
  site: ImportSite,
  target: ImportTarget & { kind: 'file' },
): Complaint | null {
  const inside = file.startsWith('streams/');
  if (inside && target.viaPackage) {
    return { what: 'streams imports itself by its package name', instead: 'import the file relatively' };
  }
  const crosses = !inside && target.path.startsWith('streams/') && !target.viaPackage;
  if (crosses && zone.name !== 'test') {
    return {
      what: `reaches into the streams package: ${site.specifier}`,
      instead: "import a public export of '@incident-streams/streams'",
    };
  }
  if (/\.(json|avsc|lua|sql)$/.test(target.path)) return null;
  const to = zoneOf(target.path);
  if (to === undefined) {
    return {
      what: `imports ${site.specifier}, which belongs to no layer`,
      instead: 'import a file of a known layer',
    };
  }
  if (mayImport(zone, to)) return null;
  return {
    what: `${zone.name} imports ${to.name} (${site.specifier})`,
    instead: `lean only on ${describeImports(zone)}; hand the rest in as an argument or a port`,
  };
}

function describePackages(zone: Zone): string {
  return zone.packages.length === 0 ? 'no package at all' : `only ${zone.packages.join(', ')}`;
}

function describeImports(zone: Zone): string {
  return zone.imports.length === 0 ? 'its own folder' : zone.imports.join(', ');
}
