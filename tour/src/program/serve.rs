use std::error::Error;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::options::{Options, Port};
use super::setup::Setup;
use crate::app::app;

/// The maximum number of ports that are tried after the default one.
const MAX_FURTHER_PORTS: u16 = 20;

/// The time within which open requests must finish when the tour is stopped.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);

/// Serves the tour until Ctrl-C is pressed or, on Unix, the process receives `SIGTERM`.
///
/// # Errors
///
/// Returns an error if the setup fails, no port is free, or the server fails.
pub async fn run(options: Options) -> Result<(), Box<dyn Error>> {
    let setup = Setup::new(&options).await?;
    let (listeners, port) = listen(options.port).await?;
    if let Port::From(default_port) = options.port
        && default_port != port
    {
        println!("Port {default_port} is in use. The tour uses {port}.");
    }
    for note in &setup.notes {
        println!("{note}");
    }
    // Under the name `localhost`, browsers store `Secure` cookies without HTTPS.
    println!("\nThe tour begins at http://localhost:{port}  (press Ctrl-C to stop)");
    if cfg!(feature = "inspect") {
        println!(
            "The inspector is beside each page, and at http://localhost:{port}/inspect"
        );
    }
    serve(listeners, app(setup.layers)).await?;
    Ok(())
}

/// Listens on the IPv4 and the IPv6 loopback address, because browsers differ in which one they use for `localhost`.
/// Returns the listeners and their port.
async fn listen(port: Port) -> io::Result<(Vec<TcpListener>, u16)> {
    let (first_port, further_ports) = match port {
        Port::Exactly(port) => (port, 0),
        Port::From(port) => (port, MAX_FURTHER_PORTS),
    };
    let mut port = first_port;
    loop {
        match listen_on(port).await {
            Err(error)
                if error.kind() == io::ErrorKind::AddrInUse
                    && port < first_port.saturating_add(further_ports) =>
            {
                port += 1
            }
            Err(error) => {
                return Err(io::Error::new(
                    error.kind(),
                    format!("port {port} cannot be used: {error}"),
                ));
            }
            Ok(listening) => return Ok(listening),
        }
    }
}

async fn listen_on(port: u16) -> io::Result<(Vec<TcpListener>, u16)> {
    let old = TcpListener::bind((IpAddr::from(Ipv4Addr::LOCALHOST), port)).await?;
    let port = old.local_addr()?.port();
    match TcpListener::bind((IpAddr::from(Ipv6Addr::LOCALHOST), port)).await {
        Ok(new) => Ok((vec![old, new], port)),
        // If the tour used only the IPv4 address, another program would respond under the same host name over IPv6.
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(error),
        // The machine has no IPv6.
        Err(_) => Ok((vec![old], port)),
    }
}

async fn serve(listeners: Vec<TcpListener>, app: Router) -> io::Result<()> {
    let (stop, stopping) = watch::channel(());
    let servers: Vec<_> = listeners
        .into_iter()
        .map(|listener| {
            let mut stopping = stopping.clone();
            let stop_requested = async move {
                // An error means that the sender was dropped, which is the signal to stop.
                let _ = stopping.changed().await;
            };
            let app = app.clone().into_make_service_with_connect_info::<SocketAddr>();
            tokio::spawn(
                axum::serve(listener, app)
                    .with_graceful_shutdown(stop_requested)
                    .into_future(),
            )
        })
        .collect();
    shutdown_requested().await?;
    println!("Stopping.");
    drop(stop);
    let open_requests = async {
        for server in servers {
            server.await.map_err(io::Error::other)??;
        }
        Ok(())
    };
    // Requests that are still open after `SHUTDOWN_GRACE` are aborted.
    tokio::time::timeout(SHUTDOWN_GRACE, open_requests).await.unwrap_or(Ok(()))
}

#[cfg(unix)]
async fn shutdown_requested() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn shutdown_requested() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_port_is_skipped_unless_it_was_requested() {
        let (_taken, port) = listen(Port::Exactly(0)).await.unwrap();
        let (_, next) = listen(Port::From(port)).await.unwrap();
        assert!(next > port);
        let error = listen(Port::Exactly(port)).await.unwrap_err();
        assert!(error.to_string().contains(&port.to_string()), "{error}");
    }
}
