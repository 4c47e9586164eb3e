/**
 * Optional packages for other systems (esbuild for macOS, a linter's binary for musl) belong into the lockfile, or `npm ci` refuses it. A registry
 * mirror that carries them for one system only makes npm leave them out. What npm would have written follows from the packages that name them.
 */
export interface LockedPackage {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
  [field: string]: unknown;
}

export interface Lockfile {
  packages: Record<string, LockedPackage>;
  [field: string]: unknown;
}

export interface Absent {
  readonly name: string;
  readonly version: string;
  /** The package that wants it. */
  readonly from: string;
  readonly isDev: boolean;
}

const SYSTEMS: Readonly<Record<string, string>> = {
  ...{ darwin: 'darwin', linux: 'linux', win32: 'win32', windows: 'win32', android: 'android' },
  ...{
    freebsd: 'freebsd',
    netbsd: 'netbsd',
    openbsd: 'openbsd',
    openharmony: 'openharmony',
    sunos: 'sunos',
    aix: 'aix',
  },
};
const PROCESSORS: Readonly<Record<string, string>> = {
  ...{
    x64: 'x64',
    '64': 'x64',
    ia32: 'ia32',
    arm64: 'arm64',
    arm: 'arm',
    armv7: 'arm',
    ppc64: 'ppc64',
    s390x: 's390x',
  },
  ...{ riscv64: 'riscv64', loong64: 'loong64', mips64el: 'mips64el' },
};

/** Optional dependencies that are named somewhere and locked nowhere. */
export const findAbsent = ({ packages }: Lockfile): Absent[] => {
  const found = new Map<string, Absent>();
  for (const [from, { optionalDependencies = {}, dev }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      if (resolves(packages, from, name)) continue;
      const isDev = dev === true && found.get(name)?.isDev !== false;
      found.set(name, { name, version, from, isDev });
    }
  }
  return [...found.values()];
};

/** The lockfile with what was absent. Throws for a package whose name does not say its system, or that is wanted by a range. */
export const completeLockfile = (lockfile: Lockfile): Lockfile => {
  const added = findAbsent(lockfile).map((absent) => [`node_modules/${absent.name}`, entryOf(absent)] as const);
  const packages = { ...lockfile.packages, ...Object.fromEntries(added) };
  const sorted = Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  return { ...lockfile, packages: Object.fromEntries(sorted) };
};

/** As Node looks: in the package's own node_modules, then in those above it. */
const resolves = (packages: Lockfile['packages'], from: string, name: string): boolean => {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`] !== undefined) return true;
    if (folder === '') return false;
    if (!folder.includes('/node_modules/')) return packages[`node_modules/${name}`] !== undefined;
  }
};

const entryOf = ({ name, version, isDev }: Absent): LockedPackage => {
  const words = name.slice(name.lastIndexOf('/') + 1).split('-');
  const os = words.map((word) => SYSTEMS[word]).find((word) => word !== undefined);
  const cpu = words.map((word) => PROCESSORS[word]).find((word) => word !== undefined);
  if (os === undefined || cpu === undefined || !/^\d/.test(version)) {
    throw new Error(
      `${name}@${version} is missing from the lockfile, and its name does not say for which system it is: install it by hand.`,
    );
  }
  const libc = words.some((word) => word.startsWith('musl')) ? 'musl' : 'glibc';
  return {
    version,
    cpu: [cpu],
    ...(isDev ? { dev: true } : {}),
    ...(os === 'linux' ? { libc: [libc] } : {}),
    optional: true,
    os: [os],
  };
};
