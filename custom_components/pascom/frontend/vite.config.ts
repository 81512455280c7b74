import { defineConfig } from "vite";

// `dist/panel.js` is what Home Assistant loads; the pieces that it loads when they are wanted carry their hash.
export default defineConfig({
  base: "./",
  build: {
    outDir: "dist",
    target: "es2022",
    modulePreload: false,
    rollupOptions: {
      input: { panel: "src/panel.ts" },
      preserveEntrySignatures: "strict",
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "pieces/[name]-[hash].js",
        assetFileNames: "pieces/[name]-[hash][extname]",
      },
    },
  },
});
