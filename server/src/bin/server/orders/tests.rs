mod connections;
mod jobs;
mod requests;
mod shop;
mod simulated;
