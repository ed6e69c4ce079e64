"""Tests of /checks"""
