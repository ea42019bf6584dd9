#!/usr/bin/env node
// Writes docs/picture.svg: `imagespec build` twice, as it looks in a terminal, with a real engine and a real registry.
import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ensureSystemPackages, openWorkbench } from "@imagespec/test-services";
import { terminalPicture } from "./terminal-picture.mjs";

const run = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));
const size = { columns: 104, rows: 60 };

/** What is typed, shown as a shell shows it, and what comes of it. The base was locked before, as it should be. */
const session = `
imagespec lock; clear
say() { printf '\\033[1;32m$\\033[0m %s\\n' "$*"; }
say imagespec build; imagespec build
tmux wait-for -S built
echo
say imagespec build; imagespec build
tmux wait-for -S done
read -r _
`;

async function tmux(socket, environment, ...args) {
  const env = { ...process.env, ...environment, TMUX: "", LC_ALL: "C.UTF-8", TERM: "screen-256color" };
  return (await run("tmux", ["-u", "-S", socket, "-f", "/dev/null", ...args], { env })).stdout;
}

/** The fullest screen until the signal comes: that of the most steps and lines of their logs. */
async function fullestScreen(capture, signal) {
  let ended = false;
  let fullest = "";
  const end = signal.then(() => {
    ended = true;
  });
  while (!ended) {
    const screen = await capture();
    if (screen.trimEnd().length > fullest.trimEnd().length) fullest = screen;
    await Promise.race([end, setTimeout(500)]);
  }
  return fullest;
}

/** Runs the session in a window, and returns what stood in it while it built, and at the end. */
async function play(directory, environment) {
  const socket = join(directory, "tmux");
  const options = [
    "set",
    "-g",
    "status",
    "off",
    ";",
    "set",
    "-g",
    "default-terminal",
    "screen-256color",
    ";",
  ];
  const window = ["-d", "-x", String(size.columns), "-y", String(size.rows), "-c", join(directory, "app")];
  await tmux(
    socket,
    environment,
    "start-server",
    ";",
    ...options,
    "new-session",
    ...window,
    "sh",
    "-c",
    session,
  );
  const capture = () => tmux(socket, environment, "capture-pane", "-p", "-e");
  try {
    const building = await fullestScreen(capture, tmux(socket, environment, "wait-for", "built"));
    await tmux(socket, environment, "wait-for", "done");
    return [building, await capture()];
  } finally {
    await tmux(socket, environment, "kill-server");
  }
}

/** The demo's spec in a project of its own, whose config names the registry. */
async function prepare(directory, { registry, substitute }) {
  const app = join(directory, "app");
  await cp(join(root, "examples", "demo"), app, { recursive: true });
  const base = substitute === undefined ? {} : { baseImage: substitute.baseImage };
  const config = { defaults: { registry: `${registry}/demo`, ...base } };
  await writeFile(join(app, "imagespec.config.mjs"), `export default ${JSON.stringify(config)};\n`);
}

async function main() {
  await ensureSystemPackages(["tmux"]);
  const directory = await mkdtemp(join(tmpdir(), "imagespec-picture-"));
  const workbench = await openWorkbench();
  try {
    await prepare(directory, workbench);
    const { dockerHost } = workbench.engine;
    const environment = {
      PATH: `${join(root, "node_modules", ".bin")}:${process.env.PATH}`,
      HOME: directory,
      ...(dockerHost !== undefined && { DOCKER_HOST: dockerHost }),
    };
    const moments = await play(directory, environment);
    const title =
      "imagespec build in a terminal: the first builds and pushes an image, the second finds it there";
    await writeFile(join(root, "docs", "picture.svg"), terminalPicture(moments, { ...size, title }));
  } finally {
    await workbench.close();
    await rm(directory, { recursive: true, force: true });
  }
}

await main();
