// @ts-check
/** The pages of the site, by their paths. Each is what follows the doctype.
 * @type {Record<string, string | undefined>} */
export const pages = {
  '/': '<title>Home</title><h1>Home</h1><a href="/second">second</a> <a href="#part">part</a><p id="part">part</p>',
  '/second': '<title>Second</title><h1>Second</h1><a href="/">home</a>',
  '/refresh': '<title>Refresh</title><meta http-equiv="refresh" content="0; url=/second">',
  '/push': `<title>Push</title><button onclick="history.pushState({}, '', '/pushed')">push</button>`,
  '/assets': `<title>Assets</title><link rel="stylesheet" href="/style.css"><script src="/script.js"></script>
    <img src="/pixel.png"><script type="module">
      const { items } = await (await fetch('/json')).json();
      document.title = 'Assets ' + items.length;
    </script>`,
  '/cache': '<title>Cache</title><script src="/cached.js"></script>',
  '/form': `<title>Form</title><form action="/echo">
      <label>Name <input name="name" required></label>
      <label>Size <select name="size"><option>S<option>M<option>L</select></label>
      <label><input type="checkbox" name="news"> News</label>
      <label><input type="radio" name="pay" value="card"> Card</label>
      <label><input type="radio" name="pay" value="cash"> Cash</label>
      <textarea name="note" aria-label="Note"></textarea>
      <button>Send</button> <button formmethod="post">Post</button>
    </form>`,
  '/login-form': `<title>Log in</title><form action="/login" method="post">
      <label>User <input name="user"></label> <label>Password <input type="password" name="password"></label>
      <button>Log in</button></form>`,
  '/upload-form': `<title>Upload</title><form action="/upload" method="post" enctype="multipart/form-data">
      <label>Files <input type="file" name="files" multiple></label><button>Upload</button></form>`,
  '/downloads': `<title>Downloads</title><a href="/download">table</a> <a href="/truncated" download="part.bin">part</a>
    <a id="blob" download="made.txt">made</a>
    <script>blob.href = URL.createObjectURL(new Blob(['made here']));</script>`,
  '/dialogs': `<title>Dialogs</title><button onclick="alert('careful')">alert</button>
    <button onclick="this.textContent = confirm('sure?')">confirm</button>
    <button onclick="this.textContent = prompt('name?', 'nobody')">prompt</button>
    <script>onbeforeunload = (event) => event.preventDefault();</script>`,
  '/keys': `<title>Keys</title><textarea aria-label="Text"></textarea><ol></ol><script>
    const list = document.querySelector('ol');
    addEventListener('keydown', ({ key, shiftKey }) => list.append(Object.assign(document.createElement('li'),
      { textContent: key + (shiftKey ? ' shifted' : '') })));</script>`,
  '/drag': `<title>Drag</title><style>div { width: 80px; height: 80px; border: 1px solid; margin: 20px; }</style>
    <div id="from" draggable="true">from</div><div id="to">to</div><script>
      from.ondragstart = (event) => event.dataTransfer.setData('text/plain', 'carried');
      to.ondragover = (event) => event.preventDefault();
      to.ondrop = (event) => { event.preventDefault(); to.textContent = event.dataTransfer.getData('text/plain'); };
    </script>`,
  '/mouse': `<title>Mouse</title><style>#menu { display: none } #open:hover + #menu { display: block }</style>
    <button id="open" oncontextmenu="document.title = 'right'" ondblclick="document.title = 'twice'">open</button>
    <p id="menu">menu</p>`,
  '/frames': `<title>Frames</title><iframe name="inner" src="/form"></iframe>
    <iframe name="empty" srcdoc="<p>written</p>"></iframe>`,
  '/popups': `<title>Popups</title><a href="/second" target="_blank">new tab</a>
    <button onclick="window.open('/second?by-script')">open</button>`,
  '/later': `<title>Later</title><p></p><script>
    setTimeout(() => { document.querySelector('p').textContent = 'an hour later'; }, 3_600_000);</script>`,
  '/talk': `<title>Talk</title><ol></ol><script>
    const list = document.querySelector('ol');
    const say = (text) => list.append(Object.assign(document.createElement('li'), { textContent: text }));
    const socket = new WebSocket(location.origin.replace('http', 'ws') + '/socket');
    socket.onmessage = ({ data }) => say(data);
    socket.onclose = ({ code, reason }) => say('closed ' + code + ' ' + reason);</script>`,
  '/colors': `<title>Colors</title><style>body { background: white; } @media (prefers-color-scheme: dark) {
    body { background: black; } } div { width: 50px; height: 50px; background: tomato; }</style><div></div>`,
};
