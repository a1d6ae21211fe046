// Builds dist/: one style sheet, one script, and only the fonts, images and icons that those two name.
//
// 1. Empty dist/, so that nothing of an earlier build survives.
// 2. Compile src/daylight.scss.
// 3. Copy every file that the style sheet names; a name without a file fails the build.
// 4. Draw the icon sprite from the icons listed below.
// 5. Bundle src/daylight.js.
// 6. Weigh the style sheet: over budget fails the build.
import { build } from "esbuild";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "src");
const dist = join(here, "dist");
const uswds = join(here, "node_modules", "@uswds", "uswds");
const CSS_BUDGET_BYTES = 250 * 1024;

// USWDS icons that templates may name. Adding one is a line here and nothing else.
const ICONS = [
  "account_circle", "add", "arrow_back", "arrow_forward", "attach_file", "attach_money", "cancel", "chat", "check",
  "check_circle", "close", "content_copy", "delete", "edit", "error", "event", "expand_less", "expand_more", "fax",
  "file_download", "file_present", "file_upload", "filter_list", "flag", "folder", "help", "history", "hourglass_empty",
  "info", "launch", "link", "list", "lock", "login", "logout", "mail", "map", "more_horiz", "navigate_before",
  "navigate_next", "notifications", "people", "person", "phone", "print", "public", "remove", "schedule", "search", "security",
  "send", "settings", "star", "text_fields", "topic", "undo", "update", "upload_file", "verified", "visibility", "warning",
];

/** One icon file as a sprite symbol with the given id. */
function asSymbol(id, svg) {
  const box = /viewBox="([^"]+)"/.exec(svg)?.[1] ?? "0 0 24 24";
  const body = svg.replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "");
  return `<symbol id="${id}" viewBox="${box}">${body}</symbol>`;
}

/** The sprite: the chosen USWDS icons and our own status shapes (src/img/shapes/*.svg as shape-*). */
function drawSprite() {
  const symbols = ICONS.map((name) => asSymbol(name, readFileSync(join(uswds, "dist/img/usa-icons", `${name}.svg`), "utf8")));
  for (const file of readdirSync(join(source, "img/shapes")).sort()) {
    symbols.push(asSymbol(`shape-${file.replace(".svg", "")}`, readFileSync(join(source, "img/shapes", file), "utf8")));
  }
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
}

/** Copy what the style sheet's url(...) name, from our images or from USWDS. */
function copyNamedFiles(css) {
  const names = new Set([...css.matchAll(/url\(["']?([^"')]+)["']?\)/g)].map((match) => match[1]));
  for (const name of names) {
    if (name.startsWith("data:") || name.startsWith("#")) continue;
    const path = name.split(/[?#]/)[0];
    const from = [join(source, path), join(uswds, "dist", path)].find((candidate) => existsSync(candidate));
    if (!from) throw new Error(`The style sheet names ${path}, which neither src/ nor USWDS has.`);
    mkdirSync(dirname(join(dist, path)), { recursive: true });
    cpSync(from, join(dist, path));
  }
  return names.size;
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(join(dist, "img"), { recursive: true });

const { css } = compile(join(source, "daylight.scss"), {
  loadPaths: [source, join(uswds, "packages")],
  style: "compressed",
  quietDeps: true,
});
writeFileSync(join(dist, "daylight.css"), css);
const copied = copyNamedFiles(css);

writeFileSync(join(dist, "img/sprite.svg"), drawSprite());
cpSync(join(uswds, "LICENSE.md"), join(dist, "uswds-license.txt")); // fonts and icons want their licences beside them
cpSync(join(source, "img/daylight.svg"), join(dist, "img/daylight.svg"));

await build({
  entryPoints: [join(source, "daylight.js")],
  outfile: join(dist, "daylight.js"),
  bundle: true,
  format: "esm",
  minify: true,
  target: ["es2022"],
  legalComments: "linked",
});

const bytes = Buffer.byteLength(css);
if (bytes > CSS_BUDGET_BYTES) {
  throw new Error(`daylight.css weighs ${bytes} bytes; the budget is ${CSS_BUDGET_BYTES}. Leave out a USWDS package.`);
}
console.log(`dist/: daylight.css ${Math.round(bytes / 1024)} KB, ${copied} files that it names, ${ICONS.length} icons, daylight.js`);
