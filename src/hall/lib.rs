//! The hall server.
