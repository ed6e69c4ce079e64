"""Tests of /preflight"""
