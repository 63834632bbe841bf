// Builds static/ from src/. `node build.mjs` writes; `node build.mjs --out FOLDER` writes elsewhere (the test compares).
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const outAt = process.argv.indexOf("--out");
const out = outAt > 0 ? path.resolve(process.argv[outAt + 1]) : path.join(here, "static");

// A style sheet imported by the loader becomes a minified string: it goes into a shadow root, not into the page.
const cssAsText = {
  name: "css-as-text",
  setup(build) {
    build.onLoad({ filter: /\.shadow\.css$/ }, async ({ path: file }) => {
      const { code } = await esbuild.transform(await readFile(file, "utf8"), { loader: "css", minify: true, charset: "utf8" });
      return { contents: code.trim(), loader: "text" };
    });
  },
};
const common = { bundle: true, minify: true, charset: "utf8", legalComments: "none", logLevel: "warning", absWorkingDir: here };

await mkdir(out, { recursive: true });
await esbuild.build({ ...common, plugins: [cssAsText], entryPoints: ["src/loader.ts"], format: "iife", target: "es2017", outfile: path.join(out, "widget.js") });
await esbuild.build({ ...common, entryPoints: ["src/app/main.ts"], format: "iife", target: "es2019", outfile: path.join(out, "chat.js") });
await esbuild.build({ ...common, plugins: [cssAsText], entryPoints: ["src/gallery.ts"], format: "iife", target: "es2019", outfile: path.join(out, "gallery.js") });
// The screens for lobbies and volunteers (connectors/pages/static) cover private numbers by the same rules.
await esbuild.build({ ...common, entryPoints: ["src/app/privacy.ts"], format: "esm", target: "es2019", outfile: path.join(out, "privacy.js") });
for (const name of ["chat.css", "gallery.css"]) {
  await esbuild.build({ ...common, entryPoints: [`src/${name}`], target: ["chrome88", "firefox78", "safari14"], outfile: path.join(out, name) });
}
await writeFile(path.join(out, "sources.json"), JSON.stringify(await digests(), null, 1) + "\n");

// What was built from what, so that a test without Node sees sources that were changed and not built.
async function digests() {
  const found = {};
  const entries = await readdir(path.join(here, "src"), { recursive: true, withFileTypes: true });
  const sources = entries.filter((entry) => entry.isFile()).map((entry) => path.relative(here, path.join(entry.parentPath ?? entry.path, entry.name)));
  const built = ["widget.js", "chat.js", "chat.css", "gallery.js", "gallery.css", "privacy.js"];
  for (const name of [...sources, "build.mjs", "package.json"].sort()) found[name] = await digest(path.join(here, name));
  for (const name of built) found[`static/${name}`] = await digest(path.join(out, name));
  return found;
}

async function digest(file) {
  return createHash("sha256").update(await readFile(file)).digest("hex");
}
