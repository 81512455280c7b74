import { defineConfig } from "vite";

// `dist/panel.js` is what Home Assistant loads for the panel, `dist/everywhere.js` on every page; the pieces that they
// load when they are wanted carry their hash, and what both need is one piece, so that there is one house on a page.
export default defineConfig({
  base: "./",
  build: {
    outDir: "dist",
    target: "es2022",
    modulePreload: false,
    rollupOptions: {
      input: { panel: "src/panel.ts", everywhere: "src/everywhere.ts" },
      preserveEntrySignatures: "strict",
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "pieces/[name]-[hash].js",
        assetFileNames: "pieces/[name]-[hash][extname]",
      },
    },
  },
});
