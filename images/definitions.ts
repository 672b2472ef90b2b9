/**
 * What is in each service image: which files of which Debian packages, what of this folder is added, how it starts.
 * Together with the added files this is all that an image's reference is made of (refs.ts).
 */
/** Those that the node image carries. */
export const serviceImageNames = ["web", "redis", "visualizer"] as const;
/** All; the others are sent to the machines that need them. */
export const allImageNames = [...serviceImageNames, "registry"] as const;
export type ServiceImageName = (typeof allImageNames)[number];

/** Debian suite the packages are from. */
export const imageSuite = "trixie";

/** One layer of an image. Images that name the same layer share it, on disk and in memory. */
export interface LayerDefinition {
  /** Debian packages whose files, and those of the packages they depend on, `keep` picks from. */
  readonly packages: readonly string[];
  /**
   * Files and folders taken from the packages; `*` stands for any part of one name.
   * The shared libraries that kept programs load come along by themselves.
   */
  readonly keep: readonly string[];
  /** Files and folders under `keep` that are left out; `*` as above. */
  readonly drop?: readonly string[];
  /** Files and folders of images/, by their path in the image. */
  readonly add?: Readonly<Record<string, string>>;
  /** Small files, by their path in the image. */
  readonly write?: Readonly<Record<string, string>>;
  /** Symbolic links, by their path in the image. */
  readonly links?: Readonly<Record<string, string>>;
  /** Empty folders. */
  readonly folders?: readonly string[];
}

/** What Docker runs to see whether a container answers, as its HEALTHCHECK. Times in seconds. */
export interface HealthCheck {
  readonly test: readonly string[];
  readonly interval: number;
  readonly timeout: number;
  /** In which Docker looks every five seconds, and a failure does not count. */
  readonly startPeriod: number;
  /** So many failures one after the other end the task. */
  readonly retries: number;
}

export interface ImageDefinition {
  readonly title: string;
  /** Lowest first. */
  readonly layers: readonly LayerDefinition[];
  /** The Python application in /srv is loaded once and bundled (python/bundle.py). */
  readonly bundle?: boolean;
  readonly entrypoint: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly port: number;
  readonly volumes?: readonly string[];
  readonly healthCheck?: HealthCheck;
}

/** The C library, and busybox for health checks and looking around. */
const base: LayerDefinition = {
  packages: ["libc6", "busybox-static"],
  keep: ["usr/bin/busybox", "usr/lib64", "usr/lib/ld-linux*", "usr/lib/*/libc.so.6"],
  write: {
    "etc/passwd": "root:x:0:0:root:/:/bin/sh\nredis:x:101:101:redis:/data:/bin/sh\n",
    "etc/group": "root:x:0:\nredis:x:101:\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
  },
  links: {
    bin: "usr/bin",
    lib: "usr/lib",
    lib64: "usr/lib64",
    ...Object.fromEntries(
      [
        "sh",
        "cat",
        "chown",
        "env",
        "grep",
        "head",
        "id",
        "ls",
        "nc",
        "printf",
        "ps",
        "stat",
        "su",
        "wget",
      ].map((applet) => [`usr/bin/${applet}`, "busybox"]),
    ),
  },
};

/** Modules of Python's library that no small server needs; `*` as in `LayerDefinition.keep`. */
const unusedLibrary =
  `__pycache__ LICENSE.txt EXTERNALLY-MANAGED __phello__ __hello__.py _aix_support.py _android_support.py _apple_support.py
  _distutils_system_mod.py _ios_support.py _osx_support.py _pydatetime.py _pydecimal.py _pyio.py _pyrepl _sysconfigdata_*
  antigravity.py asyncio bdb.py cProfile.py cmd.py code.py codeop.py compileall.py concurrent ctypes curses dbm doctest.py
  ensurepip ftplib.py idlelib imaplib.py lib2to3 mailbox.py modulefinder.py multiprocessing nturl2path.py pdb.py
  pickletools.py poplib.py profile.py pstats.py pty.py pyclbr.py pydoc.py pydoc_data rlcompleter.py sitecustomize.py
  smtplib.py sqlite3 ssl.py statistics.py symtable.py sysconfig test this.py tkinter trace.py tty.py turtle.py turtledemo
  unittest venv wave.py webbrowser.py wsgiref xml xmlrpc zipapp.py`.split(/\s+/);

/** Compiled modules that no small server needs, or that bring large libraries (OpenSSL: hashes are built in as well). */
const unusedExtensions =
  `_asyncio _bz2 _codecs_* _ctypes _ctypes_test _curses _curses_panel _dbm _hashlib _interp* _lsprof _lzma
  _multibytecodec _multiprocessing _posixshmem _sqlite3 _ssl _test* _uuid _xxtestfuzz _zoneinfo readline xx*`.split(
    /\s+/,
  );

/** The interpreter and the part of its library that small servers use; no OpenSSL, no sources (byte code only). */
const python: LayerDefinition = {
  packages: ["python3", "libgcc-s1", "python3-waitress"],
  keep: [
    "usr/bin/python3",
    "usr/lib/python3.*",
    "usr/lib/*/libgcc_s.so.1",
    "usr/lib/python3/dist-packages/waitress",
  ],
  drop: [
    ...unusedLibrary.map((name) => `usr/lib/python3.*/${name}`),
    ...unusedExtensions.map((name) => `usr/lib/python3.*/lib-dynload/${name}.*`),
  ],
  add: {
    "srv/boot.py": "python/boot.py",
    "srv/archive.py": "python/archive.py",
    "srv/server.py": "python/server.py",
  },
};

/** Process 1 with as little as possible of what Python does at its start: no site module, environment or user folders. */
const startPython = (port: number): string[] => [
  "/usr/bin/python3",
  "-I",
  "-S",
  "-B",
  "-OO",
  "-X",
  "utf8",
  "/srv/boot.pyc",
  String(port),
];

/** Docker's name server answers at once or never: a name that is not there must not hold up a page. */
const resolverOptions = "timeout:1 attempts:1";

export const imageDefinitions: Readonly<Record<ServiceImageName, ImageDefinition>> = {
  web: {
    title: "Visitor counter in Flask",
    layers: [
      base,
      python,
      {
        packages: ["python3-flask"],
        keep: ["usr/lib/python3/dist-packages"],
        drop: ["usr/lib/python3/dist-packages/*-info", "usr/lib/python3/dist-packages/*/testing.py"],
        add: { "srv/app.py": "web/app.py", "srv/counter.py": "web/counter.py" },
      },
    ],
    bundle: true,
    entrypoint: startPython(80),
    env: { REDIS_HOST: "redis", RES_OPTIONS: resolverOptions },
    port: 80,
    // Each look is a new process in the container, which is slow on an emulated CPU: rarely once it answers. With a CPU short of what all tasks
    // need, 30 s, 180 s and three retries ended tasks that were only slow, over and over. These are wider, by choice; they were not measured.
    healthCheck: {
      test: ["CMD", "busybox", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1/health"],
      interval: 60,
      timeout: 90,
      startPeriod: 600,
      retries: 5,
    },
  },
  redis: {
    title: "Redis, append-only",
    layers: [
      base,
      {
        packages: ["redis-server"],
        keep: ["usr/bin/redis-server", "usr/bin/redis-cli", "usr/bin/redis-check-rdb"],
        add: {
          "usr/bin/start-redis": "redis/start.sh",
          // Found before the package's own.
          "usr/local/bin/redis-cli": "redis/redis-cli.sh",
          "etc/redis.conf": "redis/redis.conf",
        },
        folders: ["data"],
      },
    ],
    entrypoint: ["/usr/bin/start-redis"],
    env: { PATH: "/usr/local/bin:/usr/bin" },
    port: 6379,
    volumes: ["/data"],
  },
  visualizer: {
    title: "The nodes and tasks of a swarm, live",
    layers: [
      base,
      python,
      {
        packages: [],
        keep: [],
        add: {
          "srv/app.py": "visualizer/app.py",
          "srv/docker_api.py": "visualizer/docker_api.py",
          "srv/page": "visualizer/page",
        },
      },
    ],
    bundle: true,
    entrypoint: startPython(8080),
    env: {},
    port: 8080,
  },
  registry: {
    title: "Registry of images",
    layers: [
      base,
      {
        packages: ["docker-registry"],
        keep: ["usr/bin/docker-registry"],
        add: { "usr/bin/start-registry": "registry/start.sh", "etc/registry.yml": "registry/registry.yml" },
        write: {
          "etc/passwd": "root:x:0:0:root:/:/bin/sh\nregistry:x:102:102:registry:/data:/bin/sh\n",
          "etc/group": "root:x:0:\nregistry:x:102:\n",
        },
        folders: ["data"],
      },
    ],
    entrypoint: ["/usr/bin/start-registry"],
    env: {},
    port: 5000,
    volumes: ["/data"],
  },
};
