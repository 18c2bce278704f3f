// What is measured of the JavaScript client, in a process of its own; see measures.py.
//
//     node javascript.mjs FOLDER MEASURE URL [NUMBER]
//
// FOLDER is where @gradio/client is installed. Prints a JSON object of figures.

import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, measure, url, number] = process.argv.slice(2);
const found = createRequire(join(folder, "package.json")).resolve("@gradio/client");
const { Client } = await import(pathToFileURL(found));
const WARM_UP = 20;
const CALLS = 2000;

async function right(app) {
  try {
    return (await app.predict("/echo", ["x"])).data[0] === "x";
  } catch {
    return false;
  }
}

async function latency(app, calls) {
  for (let i = 0; i < WARM_UP; i++) await app.predict("/echo", ["x"]);
  const took = [];
  const busy = process.cpuUsage();
  for (let i = 0; i < calls; i++) {
    const start = performance.now();
    await app.predict("/echo", ["x"]);
    took.push((performance.now() - start) / 1e3);
  }
  const { user, system } = process.cpuUsage(busy);
  took.sort((a, b) => a - b);
  show({ latency: took[calls >> 1], cpu: (user + system) / 1e6 / calls });
}

async function throughput(app, inFlight) {
  let begun = 0;
  let done = 0;
  let last = performance.now();
  const start = last;
  // Where calls are lost nothing is left to wait for, and node ends: what came until then counts.
  process.on("exit", () =>
    show({ [`calls_${inFlight}`]: done / ((last - start) / 1e3), [`failed_${inFlight}`]: CALLS - done }),
  );
  async function work() {
    while (begun++ < CALLS)
      if (await right(app)) {
        done++;
        last = performance.now();
      }
  }
  await Promise.all(Array.from({ length: inFlight }, work));
}

async function first(app) {
  await app.predict("/echo", ["x"]);
  show({});
}

function show(figures) {
  console.log(JSON.stringify(figures));
}

const app = await Client.connect(url);
await { latency, throughput, first }[measure](app, Number(number));
process.exit(0);
