import { butIn, type Difference, inEach, together } from "./difference.ts";
import { caseNames } from "./specs.ts";

const link = [
  `/root/app/current.py content: "print('started')\\n" | -> main.py`,
  "/root/app/current.py mode: -rw-r--r-- | lrwxrwxrwx",
];

/** All but where packages are. */
export const imageDifferences: readonly Difference[] = [
  {
    what: "user",
    flytekit: "`flytekit`, made where the base has none; owns `/root` and all of `/home`",
    here: "the base's own; it owns the work directory and what is copied",
    why: "bases that run as somebody keep doing so",
    seen: together(
      inEach(caseNames, "/home/flytekit is: there | –", "/home owner: flytekit | root"),
      inEach(caseNames, "account flytekit: /home/flytekit | –"),
      butIn(
        ["nested base_image"],
        "/root owner: flytekit | root",
        "image's user: flytekit | root",
        "variable HOME: /home/flytekit | /root",
      ),
      inEach(
        ["nested base_image"],
        "/home/app owner: flytekit | app",
        "/root owner: flytekit | app",
        "/root/.bashrc owner: flytekit | root",
        "/root/.profile owner: flytekit | root",
        "image's user: flytekit | app",
        "variable HOME: /home/flytekit | /home/app",
      ),
    ),
  },
  {
    what: "variables that were not asked for",
    flytekit:
      "settings of uv, `SSL_CERT_DIR`, `LD_LIBRARY_PATH` whose last entry is empty, which is the working directory; a nested base's once more",
    here: "`PYTHONPATH` alone, as in flytekit's; settings of tools are gone with the build",
    why: "they would work on whatever runs later",
    seen: together(
      inEach(
        caseNames,
        "variable FLYTE_SDK_RICH_TRACEBACKS: 0 | –",
        "variable SSL_CERT_DIR: /etc/ssl/certs | –",
        "variable UV_COMPILE_BYTECODE: 1 | –",
        "variable UV_LINK_MODE: copy | –",
      ),
      butIn(["nested base_image"], "variable LD_LIBRARY_PATH: /usr/local/nvidia/lib64: | –"),
      inEach(
        ["nested base_image"],
        "variable LD_LIBRARY_PATH: /usr/local/nvidia/lib64:/usr/local/nvidia/lib64: | –",
      ),
    ),
  },
  {
    what: "identity",
    flytekit: "`_F_IMG_ID`",
    here: "`IMAGESPEC_ID`, and labels",
    why: "`isContainer()` and `imagespec explain` read them",
    seen: inEach(
      caseNames,
      "variable IMAGESPEC_ID: – | …",
      "variable _F_IMG_ID: … | –",
      "label dev.imagespec.builder: – | …",
      "label dev.imagespec.plan: – | …",
      "label dev.imagespec.tag: – | …",
      "label org.opencontainers.image.title: – | …",
    ),
  },
  {
    what: "values in `env`",
    flytekit:
      "as a Dockerfile reads them: `$NAME` is expanded, quotes are taken away, a blank in one fails the build",
    here: "as the spec has them",
    why: "a value is a value; a `$NAME` in one is warned of",
    seen: inEach(["env"], "variable DATA: /data | $HOME/data", 'variable QUOTED: a | "a"'),
  },
  {
    what: "symlinks in `copy` and `source_root`",
    flytekit: "become copies of what they lead to",
    here: "stay symlinks",
    why: "trees arrive as they are",
    seen: inEach(["copy", "source_root", "nested base_image"], ...link),
  },
  {
    what: "`.dockerignore` and `.gitignore`",
    flytekit: "not looked at for `copy`, nor, in effect, for a `source_root` that is a relative path",
    here: "honoured",
    why: "what they name is not meant for images",
    seen: {
      copy: ["/root/app/notes.md is: there | –"],
      source_root: ["/root/notes.md is: there | –"],
    },
  },
  {
    what: "`commands`",
    flytekit: "run in `/`",
    here: "run in the work directory; uv's lock file of the base's Python stays in `/tmp`",
    why: "what is copied is there; what commands leave is theirs",
    seen: {
      commands: ['/srv/built/directory content: "/\\n" | "/root\\n"', "/tmp/uv-*.lock is: – | there"],
    },
  },
  {
    what: "a password in `pip_index` or `pip_extra_index_url`",
    flytekit: "in the image's history, for whoever can pull it",
    here: "a secret of the build, in no image",
    why: "images are pulled by more people than the index has users",
    seen: inEach(["pip_extra_index_url"], "image's history: has the password | –"),
  },
  {
    what: "certificates",
    flytekit:
      "`/etc/ssl/certs/ca-certificates.crt` of micromamba's image, in place of the base's: the test for one that is there does not hold the copying back",
    here: "the base's; `keepCaCertificates`",
    why: "a company's base has its own authorities",
    seen: inEach(caseNames, '/etc/ssl/certs/ca-certificates.crt content: "of micromamba\'s image\\n" | …'),
  },
  {
    what: "what the build needs",
    flytekit: "apt's lists and an empty folder for uv's cache stay in the image",
    here: "nothing of it stays",
    why: "smaller layers; a second build finds the lists in a cache",
    seen: together(
      inEach(caseNames, "/root/.cache is: there | –"),
      inEach(["apt_packages"], "/var/lib/apt/lists/* is: there | –"),
    ),
  },
  {
    what: "`SHELL`",
    flytekit: "bash",
    here: "the base's, which our own steps do not use",
    why: "a base may have no bash",
    seen: inEach(caseNames, 'configured shell: ["/bin/bash","-c"] | null'),
  },
];
