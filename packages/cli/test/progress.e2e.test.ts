import { describe, expect, test } from "vitest";
import { ImageScript } from "./support/build-script.ts";
import { Stage } from "./support/progress-stage.ts";

const base = "[1/4] FROM docker.io/library/python:3.12-slim";
const apt = "[2/4] apt-get install git libgomp1";
const pip = "[3/4] pip install pandas scikit-learn";
const copy = "[4/4] COPY src /root";

/** An image whose third step of four is running. */
function inTheMiddle(app: ImageScript): Parameters<Stage["play"]>[0] {
  return [
    app.planned(),
    app.started(0),
    app.step(base, 0),
    app.moved(base, 12_400_000, 48_000_000),
    app.stepEnded(base, 2100, { cached: true }),
    app.step(apt, 2100),
    app.stepEnded(apt, 5600),
    app.step(pip, 5600),
    app.log(pip, "Collecting pandas"),
    app.log(pip, "  Downloading pandas-2.2.3-cp312-cp312-manylinux_2_17_x86_64.whl (12.7 MB)"),
  ];
}

const usual = { columns: 80, rows: 24 };

/** Held against the text file of that name. */
async function expectScreens({ screens }: Stage, name: string): Promise<void> {
  await expect(screens).toMatchFileSnapshot(`screens/${name}.txt`);
}

describe("one image", () => {
  test("from its first step to the line that stays", async () => {
    const stage = await Stage.open(usual);
    const app = new ImageScript("train");
    stage.play([app.planned()]);
    await stage.at(0);
    stage.play([app.started(0), app.step(base, 0), app.moved(base, 12_400_000, 48_000_000)]);
    await stage.at(1200);
    stage.play(inTheMiddle(app).slice(4));
    await stage.at(9000);
    stage.play([app.stepEnded(pip, 20_000), app.step(copy, 20_000), app.stepEnded(copy, 20_100)]);
    stage.play([app.pushed(3_000_000, 180_000_000)]);
    await stage.at(21_000);
    stage.play([app.ended(75_000, "built")]);
    await stage.end();
    await expectScreens(stage, "one-image");
  });

  test("that fails, with what others write meanwhile above it", async () => {
    const stage = await Stage.open(usual);
    const app = new ImageScript("train");
    stage.play(inTheMiddle(app));
    await stage.at(6000);
    stage.write(
      "a text that is longer than the window is wide, so that it has to go on on a second line of it\n",
    );
    await stage.at(6100);
    stage.play([app.stepEnded(pip, 7000, { error: "exit code: 1" })]);
    await stage.at(7100);
    stage.play([app.ended(7200, "failed", "BUILD_STEP_FAILED")]);
    await stage.end();
    await expectScreens(stage, "failing-image");
  });

  test("whose log is hostile to a line of a terminal", async () => {
    const stage = await Stage.open({ columns: 60, rows: 16 });
    const app = new ImageScript("train");
    const lines = [
      `日本語の長い行${"、とても長い".repeat(20)}`,
      "\u001B[2J\u001B[31mred\u001B[0m and\u001B]0;title\u0007 a bell\u0007",
      "  1%\r 50%\r100% of a progress bar",
      "a\ttab, 👨‍👩‍👧 a family, e\u0301 and \u202Eright to left",
      "x".repeat(1_000_000),
    ];
    stage.play([app.planned(), app.started(0), app.step(pip, 0), ...lines.map((line) => app.log(pip, line))]);
    await stage.at(100);
    await expectScreens(stage, "hostile-log");
  });
});

test("a window that becomes narrow, wide and low", async () => {
  const stage = await Stage.open(usual);
  stage.play(inTheMiddle(new ImageScript("train")));
  await stage.at(9000);
  await stage.resize({ columns: 44, rows: 24 }, 9100);
  await stage.resize({ columns: 100, rows: 24 }, 9200);
  await stage.resize({ columns: 100, rows: 5 }, 9300);
  await stage.resize({ columns: 16, rows: 5 }, 9400);
  await expectScreens(stage, "resized-window");
});

describe("twenty images", () => {
  const images = Array.from({ length: 20 }, (_, index) => new ImageScript(`service-${index + 1}`));

  test("four at a time", async () => {
    const stage = await Stage.open(usual);
    stage.play(images.map((image) => image.planned()));
    stage.play(images.slice(0, 3).map((image) => image.ended(100, "present")));
    stage.play(images.slice(3, 7).flatMap((image) => inTheMiddle(image).slice(1)));
    await stage.at(9000);
    stage.play(images.slice(3, 6).map((image) => image.ended(9500, "built")));
    stage.play([images[6]!.ended(9600, "failed", "BUILD_STEP_FAILED")]);
    stage.play(images.slice(7).map((image) => image.ended(9700, "skipped")));
    await stage.end();
    await expectScreens(stage, "twenty-images");
  });

  test("all at once", async () => {
    const stage = await Stage.open(usual);
    stage.play(images.flatMap(inTheMiddle));
    await stage.at(9000);
    await stage.resize({ columns: 80, rows: 10 }, 9100);
    stage.play(images.map((image) => image.ended(20_000, "built")));
    await stage.end(11);
    await expectScreens(stage, "twenty-images-at-once");
  });
});
