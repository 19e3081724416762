// Sends a file with the official client: node client.mjs PACKAGES_FOLDER ENDPOINT FILE CHUNK_BYTES BREAK_AFTER_BYTES
// BREAK_AFTER_BYTES: aborts there and goes on with a new client, as after a restart of the browser; 0: never.
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

const [packages, endpoint, file, chunkBytes, breakAfterBytes] = process.argv.slice(2)
const tus = createRequire(path.join(packages, 'package.json'))('tus-js-client')

function start(uploadUrl, breakAfter) {
  return new Promise((resolve, reject) => {
    let answer
    const upload = new tus.Upload(fs.createReadStream(file), {
      endpoint,
      uploadUrl,
      chunkSize: Number(chunkBytes) || Infinity,
      uploadSize: fs.statSync(file).size,
      retryDelays: [0, 100, 500, 1000],
      metadata: { filename: path.basename(file), filetype: 'audio/wav', dialect: 'hi-IN' },
      onAfterResponse: (_request, response) => { answer = response },
      onError: reject,
      onSuccess: () => resolve({ url: upload.url, recording: answer.getHeader('Boli-Recording') }),
      onChunkComplete: async (_size, accepted) => {
        if (breakAfter && accepted >= breakAfter) {
          await upload.abort()
          resolve({ url: upload.url, aborted: true })
        }
      },
    })
    upload.start()
  })
}

let end = await start(null, Number(breakAfterBytes))
if (end.aborted) end = await start(end.url, 0)
console.log(JSON.stringify(end))
