//! A proxy forwards data until it is cut.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use hardtack_engines::Proxy;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Starts a server that answers each byte with the next one.
fn counter() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            thread::spawn(move || {
                let mut byte = [0];
                while stream.read_exact(&mut byte).is_ok() && stream.write_all(&[byte[0] + 1]).is_ok() {}
            });
        }
    });
    Ok(port)
}

fn ask(stream: &mut TcpStream, byte: u8) -> std::io::Result<u8> {
    let mut answer = [byte];
    stream.write_all(&answer)?;
    stream.read_exact(&mut answer)?;
    Ok(answer[0])
}

#[test]
fn a_cut_wire_ends_its_connections_and_takes_new_ones() -> Result {
    let proxy = Proxy::start(counter()?)?;
    let mut first = TcpStream::connect(("127.0.0.1", proxy.port()))?;
    assert_eq!(ask(&mut first, 1)?, 2);
    proxy.cut();
    assert!(ask(&mut first, 1).is_err());
    let mut second = TcpStream::connect(("127.0.0.1", proxy.port()))?;
    assert_eq!(ask(&mut second, 5)?, 6);
    proxy.refuse(true);
    let mut third = TcpStream::connect(("127.0.0.1", proxy.port()))?;
    assert!(ask(&mut third, 1).is_err());
    assert_eq!(ask(&mut second, 7)?, 8);
    let port = proxy.port();
    drop(proxy);
    assert!(ask(&mut second, 1).is_err());
    assert!(TcpStream::connect(("127.0.0.1", port)).and_then(|mut stream| ask(&mut stream, 1)).is_err());
    Ok(())
}
